import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Adam, type Gpu, type Optimizer, Parameter, SGD, tensor } from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';

interface Golden {
  shapes: number[][];
  start: number[][];
  /** Of each step, of each tensor. */
  gradients: number[][][];
  cases: { optimizer: 'SGD' | 'Adam'; options: TorchOptions; steps: number[][][] }[];
}

interface TorchOptions {
  lr: number;
  weight_decay?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: [number, number];
  eps?: number;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/optimizers.json', import.meta.url), 'utf8'));

/*
 * Ten steps of at most a dozen float32 operations each, which round by 6e-8 of values no larger than the largest parameter:
 * 120 · 6e-8 = 7e-6 at the very worst, about √120 · 6e-8 = 7e-7 as a rule. Adam's quotient m / √v is scale-free, so a tiny gradient is no worse.
 */
const TOLERANCE = 1e-6;

const held = useGpu();

function make(
  gpu: Gpu,
  name: 'SGD' | 'Adam',
  options: TorchOptions,
): { parameters: Parameter[]; optimizer: Optimizer } {
  const parameters = golden.shapes.map((shape, i) => new Parameter(gpu, Float32Array.from(golden.start[i]), shape));
  const { lr, weight_decay: weightDecay, ...rest } = options;
  const ours = { lr, weightDecay, ...rest };
  return { parameters, optimizer: name === 'SGD' ? new SGD(parameters, ours) : new Adam(parameters, ours) };
}

describe('ten steps as PyTorch takes them', () => {
  it.each(golden.cases)('$optimizer $options', async ({ optimizer: name, options, steps }) => {
    const { gpu } = held;
    const { parameters, optimizer } = make(gpu, name, options);
    for (const [s, gradients] of golden.gradients.entries()) {
      optimizer.zeroGrad();
      for (const [i, parameter] of parameters.entries()) {
        parameter.grad = tensor(gpu, Float32Array.from(gradients[i]), parameter.shape);
      }
      optimizer.step();
      for (const [i, parameter] of parameters.entries()) {
        expect(relativeError(await parameter.data(), steps[s][i]), `step ${s + 1}, tensor ${i}`).toBeLessThan(
          TOLERANCE,
        );
      }
    }
  });
});
