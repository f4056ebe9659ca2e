import { Tensor } from '../src/autograd/tensor.ts';
import { randomInput } from '../src/inspect/ladder/random_input.ts';
import { CustomCNN } from '../src/nn/models/custom_cnn.ts';
import { Adam } from '../src/nn/optimizers/adam.ts';
import type { Benchmark } from './benchmark.ts';

const PARAMETERS = 4_823_114;

/** One step on all parameters of CustomCNN, their gradients each in memory of its own as the backward pass leaves them. */
export const adamBenchmarks: Benchmark[] = [
  {
    name: 'adam',
    shape: `CustomCNN, ${PARAMETERS.toLocaleString('en')} parameters`,
    rungs: ['auto'],
    bytes: 4 * 7 * PARAMETERS, // reads parameter, gradient and both moments, writes all but the gradient
    prepare: (gpu) => {
      const parameters = new CustomCNN(gpu).parameters();
      const optimizer = new Adam(parameters, { weightDecay: 1e-4 });
      // The memory that each step's gradients are given again holds these numbers.
      gpu.scope(() => {
        for (const { size } of parameters) randomInput(gpu, size);
      });
      return () => {
        optimizer.zeroGrad();
        for (const parameter of parameters) {
          parameter.grad = new Tensor(
            gpu.unscoped(() => gpu.alloc(parameter.size, 'f32', 'adam')),
            parameter.shape,
          );
        }
        optimizer.step();
      };
    },
  },
];
