import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Adam, AdamW, type Gpu, type Optimizer, Parameter, RMSprop, SGD, tensor } from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';

interface Golden {
  shapes: number[][];
  start: number[][];
  /** Of each step, of each tensor. */
  gradients: number[][][];
  cases: Case[];
}

interface Case {
  optimizer: keyof typeof OPTIMIZERS;
  options: TorchOptions;
  /** What is said of each tensor alone, as a group of its own. */
  groups?: Partial<TorchOptions>[];
  /** Of each tensor, the steps in which it has no gradient. */
  without_gradient?: Record<string, number[]>;
  steps: number[][][];
}

interface TorchOptions {
  lr: number;
  weight_decay?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: [number, number];
  eps?: number;
  alpha?: number;
  centered?: boolean;
}

const OPTIMIZERS = { SGD, Adam, AdamW, RMSprop };

const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/optimizers.json', import.meta.url), 'utf8'));

/*
 * Ten steps of at most a dozen float32 operations each, which round by 6e-8 of values no larger than the largest parameter:
 * 120 · 6e-8 = 7e-6 at the very worst, about √120 · 6e-8 = 7e-7 as a rule. The quotients m / √v are scale-free, so a tiny gradient is no worse.
 */
const TOLERANCE = 1e-6;

function ours({ weight_decay, ...rest }: Partial<TorchOptions>): object {
  return weight_decay === undefined ? rest : { ...rest, weightDecay: weight_decay };
}

function make(gpu: Gpu, { optimizer: name, options, groups }: Case): { parameters: Parameter[]; optimizer: Optimizer } {
  const parameters = golden.shapes.map((shape, i) => new Parameter(gpu, Float32Array.from(golden.start[i]), shape));
  const Class = OPTIMIZERS[name] as new (parameters: readonly unknown[], options: object) => Optimizer;
  const given = groups?.map((own, i) => ({ parameters: [parameters[i]], ...ours(own) })) ?? parameters;
  return { parameters, optimizer: new Class(given, ours(options)) };
}

/** Tests an optimizer's steps against PyTorch's. Call at the top of its test file. */
export function takesPyTorchsSteps(optimizer: keyof typeof OPTIMIZERS): void {
  const held = useGpu();
  const cases = golden.cases.filter((one) => one.optimizer === optimizer);
  it.each(cases)('takes ten steps as PyTorch does: $options $groups $without_gradient', async (golden_case) => {
    const { gpu } = held;
    const { parameters, optimizer } = make(gpu, golden_case);
    for (const [s, gradients] of golden.gradients.entries()) {
      optimizer.zeroGrad();
      for (const [i, parameter] of parameters.entries()) {
        if (golden_case.without_gradient?.[i]?.includes(s)) continue;
        parameter.grad = tensor(gpu, Float32Array.from(gradients[i]), parameter.shape);
      }
      optimizer.step();
      for (const [i, parameter] of parameters.entries()) {
        expect(
          relativeError(await parameter.data(), golden_case.steps[s][i]),
          `step ${s + 1}, tensor ${i}`,
        ).toBeLessThan(TOLERANCE);
      }
    }
  });
}
