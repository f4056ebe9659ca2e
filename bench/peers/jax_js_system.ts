import { create, globals } from 'webgpu';
import { toTorch } from '../../src/nn/weights/layout.ts';
import { type GradientFigures, gradientFigures } from './gradient_figures.ts';
import { readInitialState } from './initial_state.ts';
import type { JaxArray, JaxJs } from './jax_js_api.ts';
import { serve, type TrainingSystem } from './training_system.ts';

// jax-js looks for WebGPU where a browser has it.
const gpu = create([]);
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ??= '/tmp';

// The name is a variable because the package is not there when the project is type-checked.
const JAX = '@jax-js/jax';
const jax = (await import(JAX)) as JaxJs;
const { numpy: np, nn, lax } = jax;

const EPSILON = 1e-5;
const BLOCKS = [1, 2, 3, 4];
const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

type Parameters = Record<string, JaxArray>;

/** CustomCNN without dropout in training, in PyTorch's layouts. It leaves the running statistics out, which no gradient needs. */
function forward(p: Parameters, images: JaxArray): JaxArray {
  const perChannel = (name: string) => p[name].reshape([1, -1, 1, 1]);
  let y = images;
  for (const block of BLOCKS) {
    for (const half of [1, 2]) {
      const [conv, bn] = ['conv', 'bn'].map((layer) => `features.block${block}.${layer}${half}`);
      y = lax.conv(y, p[`${conv}.weight`], [1, 1], 'SAME').add(perChannel(`${conv}.bias`));
      const centred = y.ref.sub(y.mean([0, 2, 3], { keepdims: true }));
      const variance = np.square(centred.ref).mean([0, 2, 3], { keepdims: true });
      const normal = centred.div(np.sqrt(variance.add(EPSILON)));
      y = nn.relu(normal.mul(perChannel(`${bn}.weight`)).add(perChannel(`${bn}.bias`)));
    }
    if (block < 4) {
      const [n, c, h, w] = y.shape;
      y = y.reshape([n, c, h / 2, 2, w / 2, 2]).max([3, 5]);
    }
  }
  const dense = (x: JaxArray, name: string) =>
    np.matmul(x, p[`classifier.${name}.weight`].transpose()).add(p[`classifier.${name}.bias`]);
  return dense(nn.relu(dense(y.mean([2, 3]), 'fc1')), 'fc2');
}

function lossOf(p: Parameters, images: JaxArray, targets: JaxArray): JaxArray {
  const [batch] = images.shape;
  return nn
    .logSoftmax(forward(p, images), 1)
    .mul(targets)
    .sum()
    .mul(-1 / batch);
}

const lossAndGradients = jax.jit(jax.valueAndGrad(lossOf));

/** One parameter's step of Adam. corrections: 1 − β₁ᵗ and 1 − β₂ᵗ. */
const adam = jax.jit((p: JaxArray, g: JaxArray, m: JaxArray, v: JaxArray, first: JaxArray, second: JaxArray) => {
  const moment = m.mul(ADAM.beta1).add(g.ref.mul(1 - ADAM.beta1));
  const square = v.mul(ADAM.beta2).add(np.square(g).mul(1 - ADAM.beta2));
  const deviation = np.sqrt(square.ref.div(second)).add(ADAM.eps);
  return [p.sub(moment.ref.div(first).div(deviation).mul(ADAM.lr)), moment, square];
});

let step: () => [loss: JaxArray, gradients: Parameters];
let parameters: Parameters;

const system: TrainingSystem = {
  async prepare(file) {
    const devices = await jax.init('webgpu');
    if (!devices.includes('webgpu')) throw new Error('jax-js finds no WebGPU adapter.');
    jax.defaultDevice('webgpu');
    const { images, labels, state } = readInitialState(file);
    const array = (data: Float32Array, shape: readonly number[]) => np.array(data, { shape });
    parameters = {};
    const moments: Record<string, [JaxArray, JaxArray]> = {};
    for (const [name, tensor] of state) {
      if (name.includes('running')) continue;
      const { data, shape } = toTorch(tensor);
      parameters[name] = array(data, shape);
      moments[name] = [array(new Float32Array(data.length), shape), array(new Float32Array(data.length), shape)];
    }
    const classes = parameters['classifier.fc2.bias'].shape[0];
    const [batch, height, width, channels] = images.shape;
    const x = array(images.data, images.shape).transpose([0, 3, 1, 2]);
    const targets = new Float32Array(batch * classes);
    labels.data.forEach((label, i) => {
      targets[i * classes + label] = 1;
    });
    const t = array(targets, [batch, classes]);
    if (x.shape.join() !== [batch, channels, height, width].join()) throw new Error('jax-js transposes otherwise.');
    let done = 0;
    step = () => {
      done++;
      const given = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.ref]));
      const [loss, gradients] = lossAndGradients(given, x.ref, t.ref);
      const [first, second] = [ADAM.beta1, ADAM.beta2].map((beta) => array(Float32Array.of(1 - beta ** done), [1]));
      for (const [name, p] of Object.entries(parameters)) {
        const [m, v] = moments[name];
        const [next, ...kept] = adam(p, gradients[name].ref, m, v, first.ref, second.ref);
        parameters[name] = next;
        moments[name] = kept as [JaxArray, JaxArray];
      }
      for (const one of [first, second]) one.dispose();
      return [loss, gradients];
    };
    const started = performance.now();
    const [loss, gradients] = step();
    const [firstLoss] = await loss.data();
    await jax.blockUntilReady(Object.values(parameters).map((p) => p.ref));
    const firstStepMs = performance.now() - started;
    const figures: Record<string, GradientFigures> = {};
    for (const [name, gradient] of Object.entries(gradients)) figures[name] = gradientFigures(await gradient.data());
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    const { description, device } = adapter?.info ?? { description: '', device: '' };
    return { firstLoss, firstStepMs, gradients: figures, device: description || device };
  },
  async run(steps) {
    for (let i = 0; i < steps; i++) {
      const [loss, gradients] = step();
      for (const gradient of Object.values(gradients)) gradient.dispose();
      // The loss is looked at, as where one trains; it keeps the work from piling up.
      await loss.data();
    }
    await jax.blockUntilReady(Object.values(parameters).map((p) => p.ref));
  },
};

await serve(system);
