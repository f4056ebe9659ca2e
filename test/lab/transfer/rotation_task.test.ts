import { describe, expect, it } from 'vitest';
import { rotationTask, turn } from '../../../src/lab/transfer/rotation_task.ts';
import { allOf } from '../../data/all_of.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset } from '../../train/tiny_training.ts';

const held = useGpu();

describe('turn', () => {
  it('turns counter-clockwise by quarters, pixels whole', () => {
    // a b
    // c d, of two channels.
    const image = Uint8Array.from([1, 11, 2, 12, 3, 13, 4, 14]);
    expect([...turn(image, 2, 2, 0)]).toEqual([...image]);
    expect([...turn(image, 2, 2, 1)]).toEqual([2, 12, 4, 14, 1, 11, 3, 13]);
    expect([...turn(image, 2, 2, 2)]).toEqual([4, 14, 3, 13, 2, 12, 1, 11]);
    expect([...turn(image, 2, 2, 3)]).toEqual([3, 13, 1, 11, 4, 14, 2, 12]);
  });
});

describe('rotationTask', () => {
  const dataset = tinyDataset(200);
  /** The image that each of a batch is when turned back, by its position in the training split. */
  const origins = async (source: { count: number; plain: ReturnType<typeof rotationTask>['train']['plain'] }) => {
    const bytes = 8 * 8 * 3;
    const { images } = source.plain(Uint32Array.from({ length: source.count }, (_, i) => i));
    const values = await images.data();
    return { bytes, pixels: Uint8Array.from(values, (value) => Math.round((value * 0.25 + 0.3) * 255)) };
  };

  it('is made of images that the target does not use, turned as their labels say, none in training and test both', async () => {
    const target = Uint32Array.from({ length: 120 }, (_, i) => i);
    const task = rotationTask(held.gpu, dataset, { target, images: 150, seed: 1 });
    expect(task).toMatchObject({ classes: 4, ownImages: false, images: 72, channels: 3, imageSize: 8 });
    expect([task.train.count, task.test.count]).toEqual([150, 32]);
    const found = { train: new Map<number, Set<number>>(), test: new Map<number, Set<number>>() };
    for (const part of ['train', 'test'] as const) {
      const { bytes, pixels } = await origins(task[part]);
      const originals = allOf(dataset.train);
      task[part].labels.forEach((label, i) => {
        const upright = turn(pixels.subarray(i * bytes, (i + 1) * bytes), 8, 3, (4 - label) % 4);
        const origin = Array.from({ length: 200 }, (_, n) => n).find((n) =>
          upright.every((value, at) => value === originals[n * bytes + at]),
        );
        expect(origin).toBeGreaterThanOrEqual(120);
        const turns = found[part].get(origin as number) ?? new Set();
        expect(turns.has(label)).toBe(false);
        found[part].set(origin as number, turns.add(label));
      });
    }
    expect([...found.train.keys()].filter((origin) => found.test.has(origin))).toEqual([]);
    expect([...found.test.values()].every((turns) => turns.size === 4)).toBe(true);
    expect(Math.max(...task.counts) - Math.min(...task.counts)).toBeLessThanOrEqual(2);
  });

  it("takes the target's own images where no others are left, and is another for another seed", () => {
    const all = Uint32Array.from({ length: 200 }, (_, i) => i);
    const task = rotationTask(held.gpu, dataset, { target: all, images: 100, seed: 1 });
    expect(task).toMatchObject({ ownImages: true, images: 100 });
    const identity = (seed: number) => rotationTask(held.gpu, dataset, { target: all, images: 100, seed }).identity;
    expect(identity(1)).toBe(task.identity);
    expect(identity(2)).not.toBe(task.identity);
  });
});
