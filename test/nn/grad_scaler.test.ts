import { describe, expect, it } from 'vitest';
import { Adam, GradScaler, mul, openDevice, Parameter, SGD, sum, tensor } from '../../src/node.ts';
import { relativeError, useGpu } from '../gpu.ts';

const held = useGpu();

/** One step on w with the gradient g, where a loss of scale · g · w overflows or not as g says. */
function step(w: Parameter, g: readonly number[], scaler: GradScaler, optimizer: SGD | Adam): void {
  held.gpu.scope(() => {
    optimizer.zeroGrad();
    scaler.backward(sum(mul(w, tensor(held.gpu, Float32Array.from(g), [g.length]))));
    scaler.unscale([w]);
    optimizer.step();
  });
}

const parameter = () => new Parameter(held.gpu, Float32Array.of(1, -2, 3), [3]);
const good = [0.5, 0.25, -1];
const bad = [0.5, Number.POSITIVE_INFINITY, 0];

describe('GradScaler', () => {
  it('moves the scale as PyTorch does: half at once, double after so many good steps in a row', async () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0.1 });
    const scaler = new GradScaler(held.gpu, optimizer, { initScale: 8, growthInterval: 2 });
    const scales: number[] = [];
    const skipped: number[] = [];
    for (const g of [good, bad, good, bad, bad, good, good, good, good]) {
      step(w, g, scaler, optimizer);
      const state = await scaler.read();
      scales.push(state.scale);
      skipped.push(state.skippedInARow);
    }
    // By hand from the rule that PyTorch documents; its own update runs on CUDA alone.
    expect(scales).toEqual([8, 4, 4, 2, 1, 1, 2, 2, 4]);
    expect(skipped).toEqual([0, 1, 0, 1, 2, 0, 0, 0, 0]);
    expect(await scaler.read()).toEqual({ scale: 4, goodSteps: 0, skippedSteps: 3, skippedInARow: 0 });
    // Six good steps, and nothing of the others.
    expect(relativeError(await w.data(), Float32Array.of(1 - 0.3, -2 - 0.15, 3 + 0.6))).toBeLessThan(1e-6);
  });

  it('gives unscaled gradients, and starts from 2¹⁶', async () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0 });
    const scaler = new GradScaler(held.gpu, optimizer);
    step(w, good, scaler, optimizer);
    expect([...(await (w.grad as NonNullable<typeof w.grad>).data())]).toEqual(good);
    expect(await scaler.read()).toEqual({ scale: 65_536, goodSteps: 1, skippedSteps: 0, skippedInARow: 0 });
  });

  it('a step of Adam that is skipped does not count: its corrections are those of the steps done', async () => {
    const [w, plain] = [parameter(), parameter()];
    const [scaled, usual] = [new Adam([w], { lr: 0.1 }), new Adam([plain], { lr: 0.1 })];
    const scaler = new GradScaler(held.gpu, scaled);
    for (const g of [bad, bad, good, [1, 2, 3], bad, good]) {
      step(w, g, scaler, scaled);
      if (g === bad) continue;
      held.gpu.scope(() => {
        usual.zeroGrad();
        sum(mul(plain, tensor(held.gpu, Float32Array.from(g), [3]))).backward();
        usual.step();
      });
    }
    expect(relativeError(await w.data(), await plain.data())).toBeLessThan(1e-6);
  });

  it('goes on from a state to the same', async () => {
    const w = parameter();
    const optimizer = new SGD([w], { lr: 0.1 });
    const state = { scale: 32, goodSteps: 1999, skippedSteps: 7, skippedInARow: 0 };
    const scaler = new GradScaler(held.gpu, optimizer);
    scaler.set(state);
    expect(await scaler.read()).toEqual(state);
    step(w, good, scaler, optimizer);
    expect(await scaler.read()).toEqual({ scale: 64, goodSteps: 0, skippedSteps: 7, skippedInARow: 0 });
  });

  it.each([
    [{ initScale: 0 }, 'GradScaler: initScale must be above 0, not 0.'],
    [{ growthFactor: 0.5 }, 'GradScaler: growthFactor must be at least 1, not 0.5.'],
    [{ backoffFactor: 1 }, 'GradScaler: backoffFactor must be above 0 and below 1, not 1.'],
    [{ growthInterval: 0 }, 'GradScaler: growthInterval must be a whole number from 1, not 0.'],
  ])('refuses %o', async (options, message) => {
    const gpu = await openDevice();
    try {
      const optimizer = new SGD([new Parameter(gpu, Float32Array.of(1), [1])], { lr: 0.1 });
      expect(() => new GradScaler(gpu, optimizer, options)).toThrow(message);
    } finally {
      gpu.close();
    }
  });
});
