// An operation of one's own, outside the engine: two WGSL files, a rule, a check of the rule, and a step of training through it.
import { readFileSync } from 'node:fs';
import {
  crossEntropy,
  type DeviceArray,
  gradcheck,
  indices,
  Linear,
  openDevice,
  Philox,
  record,
  SGD,
  type Tensor,
  tensor,
} from 'wgrad';

const gpu = await openDevice({ seed: 42 });

// Compiled now: a mistake is named with its line. Later dispatches call a shader by its name.
for (const name of ['softplus', 'softplus_grad']) {
  const url = new URL(`${name}.wgsl`, import.meta.url);
  await gpu.addShader(name, readFileSync(url, 'utf8'), { file: url.pathname });
}

/** Runs one of the two shaders over arrays of equal length; the last one is written. */
function run(shader: string, arrays: Record<string, DeviceArray<'f32'>>, beta: number): void {
  const [{ length: count }] = Object.values(arrays);
  const bound = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [array, count] as const]));
  gpu.dispatch(shader, { arrays: bound, params: { count, beta }, invocations: count });
}

/** y = ln(1 + e^(βx)) / β. Shape kept. dx = dy / (1 + e^(−βx)). */
function softplus(x: Tensor, beta = 1): Tensor {
  const y = gpu.alloc(x.size, 'f32', 'softplus');
  run('softplus', { x: x.buffer, y }, beta);
  return record('softplus', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [x.buffer], // what the rule reads must be listed, or its memory is used again
    backward: (dy) => {
      const dx = gpu.alloc(x.size, 'f32', 'softplus');
      run('softplus_grad', { dy, x: x.buffer, dx }, beta);
      return [dx];
    },
  });
}

const generator = new Philox(1);
const x = tensor(
  gpu,
  Float32Array.from({ length: 35 }, () => 4 * generator.uniform() - 2),
  [5, 7],
);
const values = await softplus(x, 2).data();
const input = await x.data();
const furthest = Math.max(...values.map((y, i) => Math.abs(y - Math.log1p(Math.exp(2 * input[i])) / 2)));
console.log(`Largest difference to float64: ${furthest.toExponential(1)}`);

x.requiresGrad = true;
console.log(`The rule agrees with central differences in ${await gradcheck((t) => softplus(t, 2), [x])} elements.`);

// It is an operation like any other.
const [first, last] = [new Linear(gpu, 7, 16, { generator }), new Linear(gpu, 16, 2, { generator })];
const optimizer = new SGD([...first.parameters(), ...last.parameters()], { lr: 0.5 });
const labels = indices(gpu, [0, 1, 1, 0, 1]);
for (let step = 0; step < 20; step++) {
  const loss = await gpu.scope(async () => {
    optimizer.zeroGrad();
    const loss = crossEntropy(last.call(softplus(first.call(x))), labels);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  if (step % 19 === 0) console.log(`step ${step + 1}: loss ${loss.toFixed(3)}`);
}
gpu.close();
