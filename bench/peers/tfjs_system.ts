import { createRequire } from 'node:module';
import { create, globals } from 'webgpu';
import { readInitialState } from './initial_state.ts';
import type { Tfjs, TfTensor, TfVariable } from './tfjs_api.ts';
import { serve, type TrainingSystem } from './training_system.ts';

// TensorFlow.js looks for WebGPU where a browser has it.
const gpu = create([]);
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ??= '/tmp';

// The names are variables because the packages are not there when the project is type-checked.
const CORE = '@tensorflow/tfjs-core';
const BACKEND = '@tensorflow/tfjs-backend-webgpu';
const LAYERS = '@tensorflow/tfjs-layers';
// The package's modules for bundlers do not load in Node, so all are taken in their CommonJS form.
const require = createRequire(import.meta.url);
const tf = require(CORE) as Tfjs;
require(BACKEND);
// In that form the rules of the backward pass come with the layers.
require(LAYERS);

const EPSILON = 1e-5;
const MOMENTUM = 0.1;
const BLOCKS = [1, 2, 3, 4];

/** CustomCNN without dropout in training, from its parameters by name. */
function forward(x: TfTensor, state: ReadonlyMap<string, TfVariable>): TfTensor {
  const get = (name: string) => state.get(name) as TfVariable;
  let y = x;
  for (const block of BLOCKS) {
    for (const half of [1, 2]) {
      const conv = `features.block${block}.conv${half}`;
      y = tf.add(tf.conv2d(y, get(`${conv}.weight`), 1, 'same'), get(`${conv}.bias`));
      const bn = `features.block${block}.bn${half}`;
      const { mean, variance } = tf.moments(y, [0, 1, 2]);
      for (const [name, value] of [
        ['running_mean', mean],
        ['running_var', variance],
      ] as const) {
        const running = get(`${bn}.${name}`);
        running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(value, MOMENTUM)));
      }
      y = tf.relu(tf.batchNorm(y, mean, variance, get(`${bn}.bias`), get(`${bn}.weight`), EPSILON));
    }
    if (block < 4) y = tf.maxPool(y, 2, 2, 'valid');
  }
  const dense = (input: TfTensor, name: string) =>
    tf.add(tf.matMul(input, get(`classifier.${name}.weight`)), get(`classifier.${name}.bias`));
  return dense(tf.relu(dense(tf.mean(y, [1, 2]), 'fc1')), 'fc2');
}

let step: () => TfTensor;

const system: TrainingSystem = {
  async prepare(file) {
    if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js finds no WebGPU adapter.');
    await tf.ready();
    const { images, labels, state } = readInitialState(file);
    const variables = new Map<string, TfVariable>();
    const trainable: TfVariable[] = [];
    for (const [name, { shape, data }] of state) {
      const running = name.includes('running');
      const variable = tf.variable(tf.tensor(data, shape), !running);
      variables.set(name, variable);
      if (!running) trainable.push(variable);
    }
    const classes = state.get('classifier.fc2.bias')?.data.length ?? 10;
    const x = tf.tensor(images.data, images.shape);
    const targets = tf.oneHot(tf.tensor(Int32Array.from(labels.data), labels.shape, 'int32'), classes);
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
    step = () =>
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(targets, forward(x, variables)), true, trainable);
    const started = performance.now();
    const [firstLoss] = await step().data();
    await tf.backend().device.queue.onSubmittedWorkDone();
    const firstStepMs = performance.now() - started;
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    const { description, device } = adapter?.info ?? { description: '', device: '' };
    return { firstLoss, firstStepMs, device: description || device };
  },
  async run(steps) {
    let loss: TfTensor | undefined;
    for (let i = 0; i < steps; i++) {
      loss?.dispose();
      loss = step();
    }
    await loss?.data();
    await tf.backend().device.queue.onSubmittedWorkDone();
  },
};

await serve(system);
