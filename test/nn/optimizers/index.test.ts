import { describe, expect, it } from 'vitest';
import { createOptimizer, type Gpu, OPTIMIZER_NAMES, type OptimizerName, Parameter } from '../../../src/node.ts';
import { randomValues, useGpu } from '../../gpu.ts';

const held = useGpu();

function parametersOf(gpu: Gpu, ...sizes: number[]): Parameter[] {
  return sizes.map((size, i) => new Parameter(gpu, randomValues(size, 10 + i), [size]));
}

describe('createOptimizer', () => {
  it("makes each by its name, with the lab's settings", () => {
    const parameters = parametersOf(held.gpu, 3);
    const made = OPTIMIZER_NAMES.map((name) => createOptimizer(name, parameters));
    expect(made.map((optimizer) => optimizer.constructor.name)).toEqual(['SGD', 'Adam', 'AdamW', 'RMSprop']);
    expect(made.map(({ groups: [{ parameters: _, ...settings }] }) => settings)).toEqual([
      { lr: 1e-2, momentum: 0.9, weightDecay: 1e-4, nesterov: false },
      { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-4 },
      { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-4 },
      { lr: 1e-3, alpha: 0.99, eps: 1e-8, weightDecay: 1e-4, momentum: 0, centered: false },
    ]);
    const [{ lr, weightDecay }] = createOptimizer('adamw', parameters, { lr: 0.5, weightDecay: 0 }).groups;
    expect([lr, weightDecay]).toEqual([0.5, 0]);
  });

  it('refuses names and settings that there are not', () => {
    const parameters = parametersOf(held.gpu, 3);
    expect(() => createOptimizer('lion' as OptimizerName, parameters)).toThrow(
      "There is no optimizer 'lion'; there are: sgd, adam, adamw, rmsprop.",
    );
    expect(() => createOptimizer('adam', parameters, { momentum: 0.9 })).toThrow(
      "The optimizer 'adam' has no momentum of its own",
    );
  });
});
