import { describe, expect, it } from 'vitest';
import { Dropout } from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [[() => new Dropout(0.5), [2, 6], [2, 6]]],
});

const held = useGpu();

describe('Dropout', () => {
  it('drops and scales in training, and is nothing in evaluation', async () => {
    const { gpu } = held;
    const layer = new Dropout(0.25);
    const x = randomTensor(gpu, [64, 64], 1, { low: 1, high: 2 });
    const values = await x.data();
    const y = await layer.call(x).data();
    const dropped = y.filter((value) => value === 0).length;
    // 4096 draws: five standard deviations of √(4096 · 0.25 · 0.75) = 28.
    expect(Math.abs(dropped - 1024)).toBeLessThan(5 * 28);
    expect(
      relativeError(
        y,
        values.map((value, i) => (y[i] === 0 ? 0 : value / 0.75)),
      ),
    ).toBeLessThan(1e-6);
    expect(await layer.call(x).data()).not.toEqual(y);
    expect(await layer.eval().call(x).data()).toEqual(values);
    expect(() => new Dropout(1.5)).toThrow('Dropout: p must be from 0 to 1, not 1.5.');
  });
});
