import { adamStep } from '../src/kernels/optimizer.ts';
import { CustomCNN } from '../src/nn/models/custom_cnn.ts';
import type { Benchmark } from './benchmark.ts';
import { randomInput } from './random_input.ts';

const PARAMETERS = 4_823_114;

/** One step on all parameters of CustomCNN. */
export const adamBenchmarks: Benchmark[] = [
  {
    name: 'adam',
    shape: `CustomCNN, ${PARAMETERS.toLocaleString('en')} parameters`,
    rungs: ['auto'],
    bytes: 4 * 7 * PARAMETERS, // reads parameter, gradient and both moments, writes all but the gradient
    prepare: (gpu) => {
      const slots = new CustomCNN(gpu).parameters().map((parameter) => ({
        parameter: parameter.buffer,
        grad: randomInput(gpu, parameter.size),
        moment1: randomInput(gpu, parameter.size),
        moment2: randomInput(gpu, parameter.size),
      }));
      const step = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-4, decoupled: false };
      return () => adamStep(slots, { ...step, stepsDone: 0 });
    },
  },
];
