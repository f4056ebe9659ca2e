import { describe, expect, it } from 'vitest';
import { countDispatches, sentBy } from '../../bench/dispatches.ts';
import { add, addInPlace, relu } from '../../src/kernels/elementwise.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false, poison: false });

/** Most dispatches of a training step and of one of evaluation: who needs more of them says why, and raises the number. */
const MOST = [
  { net: 'custom-cnn', width: 1 / 8, batch: 16, training: 105, evaluation: 28 },
  { net: 'resnet18', width: 1 / 8, batch: 16, training: 199, evaluation: 54 },
  { net: 'resnet20', width: 1, batch: 16, training: 202, evaluation: 57 },
  { net: 'efficientnet-b0', width: 1 / 4, batch: 32, training: 526, evaluation: 162 },
] as const;

describe('dispatches', () => {
  it('wait for what they read or write over, and for nothing else', () => {
    const { gpu } = held;
    gpu.scope(() => {
      const [a, b] = [1, 2].map((value) => gpu.upload(new Float32Array(64).fill(value), 'test'));
      const sent = sentBy(gpu, () => {
        const c = add(a, b);
        add(b, a);
        // Reads what the first wrote.
        relu(c);
      });
      expect(sent).toEqual({ dispatches: 3, barriers: 1, bytes: 4 * 64 * (3 + 3 + 2) });
      const writesOver = sentBy(gpu, () => {
        relu(a);
        addInPlace(a, b);
        relu(b);
      });
      expect(writesOver).toEqual({ dispatches: 3, barriers: 1, bytes: 4 * 64 * (2 + 3 + 2) });
    });
  });

  it.each(MOST)('of $net stay at $training in training and $evaluation in evaluation', async (most) => {
    const { gpu } = held;
    const own = gpu.dispatch;
    const rows = await countDispatches(gpu, most);
    expect(gpu.dispatch).toBe(own);
    const [training, evaluation] = rows.map(({ sent }) => sent);
    expect(training.dispatches).toBeLessThanOrEqual(most.training);
    expect(evaluation.dispatches).toBeLessThanOrEqual(most.evaluation);
    for (const sent of [training, evaluation]) {
      expect(sent.barriers).toBeGreaterThan(sent.dispatches / 2);
      expect(sent.barriers).toBeLessThan(sent.dispatches);
    }
    expect(await countDispatches(gpu, most)).toEqual(rows);
  });
});
