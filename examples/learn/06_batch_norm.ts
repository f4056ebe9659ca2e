// Batch normalisation by hand, forward and backward, beside the layer; and what a backward pass gives that forgets the statistics.
import { batchNorm2d, openDevice, tensor } from 'wgrad';
import { figure, largestDifference, say } from './shared/page.ts';

const x = [1, 2, 4, 5, 8, 10]; // six pixels of one channel
const dy = [1, 0, 0, -1, 0, 2]; // the gradient that comes from behind
const [gamma, beta, eps, count] = [1.5, 0.5, 1e-5, x.length];
const sumOf = (values: number[]) => values.reduce((total, value) => total + value, 0);

// Forward.
const mean = sumOf(x) / count;
const variance = sumOf(x.map((value) => (value - mean) ** 2)) / count;
const invstd = 1 / Math.sqrt(variance + eps);
const xhat = x.map((value) => (value - mean) * invstd);
say('mean', mean);
say('variance', variance);
say('xhat of the first pixel', xhat[0].toFixed(4));

// Backward: two sums over the batch, then one line for each pixel.
const sumDy = sumOf(dy);
const sumDyXhat = sumOf(dy.map((g, i) => g * xhat[i]));
const full = dy.map((g, i) => gamma * invstd * (g - sumDy / count - (xhat[i] * sumDyXhat) / count));
const forgetful = dy.map((g) => gamma * invstd * g); // as if mean and variance were constants
say('dbeta', sumDy);
say('dgamma', sumDyXhat.toFixed(4));
say('dx of the first pixel', full[0].toFixed(4));
say('the same, statistics forgotten', forgetful[0].toFixed(4));
say('sum of dx is 0', String(Math.abs(sumOf(full)) < 1e-12));
say('sum of dx · xhat', sumOf(full.map((g, i) => g * xhat[i])).toFixed(4));
say('sum of dx, statistics forgotten', sumOf(forgetful).toFixed(4));

// The layer's operation, in training and in evaluation.
const gpu = await openDevice();
async function onDevice(values: number[], training: boolean, running = [0, 1]) {
  const input = tensor(gpu, values, [1, 2, 3, 1], { requiresGrad: true });
  const [runningMean, runningVar] = running.map((value) => tensor(gpu, [value]));
  const parameters = { weight: tensor(gpu, [gamma]), bias: tensor(gpu, [beta]), runningMean, runningVar };
  const y = batchNorm2d(input, { ...parameters, training, momentum: 0.1, eps });
  y.backward(tensor(gpu, dy, [1, 2, 3, 1]));
  const output = await y.data();
  return { dx: await input.grad!.data(), loss: sumOf(dy.map((g, i) => g * output[i])), runningMean, runningVar };
}
const trained = await onDevice(x, true);
say('the layer agrees to 1e-6', String(largestDifference(full, trained.dx) < 1e-6));
say('running mean after one step', await trained.runningMean.item());
say('running variance after one step', await trained.runningVar.item());
const evaluated = await onDevice(x, false, [mean, variance]);
say('in evaluation dx is the forgetful one', String(largestDifference(forgetful, evaluated.dx) < 1e-6));

// Central differences of L = Σ dy · y decide who is right.
const step = 0.05;
const measured: number[] = [];
for (let i = 0; i < count; i++) {
  const moved = (by: number) => x.map((value, k) => (k === i ? value + by : value));
  const difference = (await onDevice(moved(step), true)).loss - (await onDevice(moved(-step), true)).loss;
  measured.push(difference / (2 * step));
}
say('measured dx of the first pixel', measured[0].toFixed(3));
gpu.close();

await figure((plots) =>
  plots.valueBars({
    name: '06_batch_norm',
    title: 'The gradient on six pixels',
    panels: [
      {
        ...{ categories: x.map((value) => `x = ${value}`), valueName: 'dL/dx' },
        format: (value) => value.toFixed(2),
        series: [
          { name: 'all three terms', values: full },
          { name: 'central differences', values: measured },
          { name: 'statistics forgotten', values: forgetful },
        ],
      },
    ],
  }),
);
