// Optimizers as one weight's path: L = a · w² / 2 from w = 1, so the gradient is a · w.
import { Adam, AdamW, mul, type Optimizer, openDevice, Parameter, SGD, scale, sum } from 'wgrad';
import { figure, largestDifference, say } from './shared/page.ts';

const gpu = await openDevice();
const STEPS = 40;

/** The weight after each step, from 1 on. */
async function path(curvature: number, make: (parameters: Parameter[]) => Optimizer, steps = STEPS): Promise<number[]> {
  const w = new Parameter(gpu, new Float32Array([1]), [1]);
  const optimizer = make([w]);
  const values = [1];
  for (let step = 0; step < steps; step++) {
    gpu.scope(() => {
      optimizer.zeroGrad();
      scale(sum(mul(w, w)), curvature / 2).backward();
      optimizer.step();
    });
    values.push((await w.data())[0]);
  }
  return values;
}

const OPTIMIZERS: Record<string, (parameters: Parameter[]) => Optimizer> = {
  SGD: (parameters) => new SGD(parameters, { lr: 0.1 }),
  'SGD, momentum 0.9': (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 }),
  Adam: (parameters) => new Adam(parameters, { lr: 0.1 }),
};
const paths: { curvature: number; lines: { name: string; values: number[] }[] }[] = [];
for (const curvature of [1, 0.01]) {
  const lines = [];
  for (const [name, make] of Object.entries(OPTIMIZERS)) lines.push({ name, values: await path(curvature, make) });
  paths.push({ curvature, lines });
  for (const { name, values } of lines) {
    say(`a = ${curvature}, ${name}: after 1 step`, values[1].toFixed(4));
    say(`a = ${curvature}, ${name}: after 40 steps`, values[STEPS].toFixed(4));
  }
}

// By hand: SGD multiplies w by 1 − lr · a; Adam's first step is lr · g / (|g| + ε), whatever the size of g.
const sgd = Array.from({ length: STEPS + 1 }, (_, t) => 0.9 ** t);
say('SGD at a = 1 is 0.9^t to 1e-6', String(largestDifference(sgd, paths[0].lines[0].values) < 1e-6));
let [w, m, v] = [1, 0, 0];
const adam = [w];
for (let t = 1; t <= STEPS; t++) {
  const g = w; // a = 1
  [m, v] = [0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g];
  w -= ((0.1 / (1 - 0.9 ** t)) * m) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
  adam.push(w);
}
say(
  'Adam at a = 1 by hand and by kernel agree to 1e-5',
  String(largestDifference(adam, paths[0].lines[2].values) < 1e-5),
);

// SGD needs lr · a < 2.
for (const a of [19, 20, 21]) {
  say(
    `SGD, lr · a = ${(0.1 * a).toFixed(1)}: |w| after 20 steps`,
    Math.abs((await path(a, OPTIMIZERS.SGD, 20))[20]).toFixed(3),
  );
}

// Weight decay where the loss is flat (a = 0): as an L2 penalty it passes through Adam's division, decoupled it does not.
const decay = { lr: 0.1, weightDecay: 0.01 };
say('Adam with L2, a = 0: after 1 step', (await path(0, (parameters) => new Adam(parameters, decay), 1))[1].toFixed(4));
say('AdamW, a = 0: after 1 step', (await path(0, (parameters) => new AdamW(parameters, decay), 1))[1].toFixed(4));
gpu.close();

await figure((plots) =>
  plots.linePlot({
    name: '08_optimizers',
    title: 'One weight on its way to 0, learning rate 0.1',
    panels: paths.map(({ curvature, lines }) => ({
      ...{ title: `curvature a = ${curvature}`, xName: 'step', yName: 'w' },
      lines: lines.map(({ name, values }) => ({ name, points: values.map((value, t) => [t, value] as const) })),
    })),
  }),
);
