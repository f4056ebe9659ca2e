import { describe, expect, it } from 'vitest';
import {
  AUGMENTATION_NAMES,
  type AugmentationName,
  createAugmentation,
  targetedStrengths,
} from '../../../src/data/augmentation/index.ts';
import { ALL_CHANGES } from '../../../src/data/image_dataset.ts';
import { magnitudeTable } from '../../../src/kernels/image_transform.ts';
import { classThirds } from '../../../src/metrics/class_thirds.ts';
import { UserError } from '../../../src/runtime/errors.ts';

const counts = [1000, 100, 10];
const create = (name: AugmentationName) => createAugmentation(name, { counts });

describe('createAugmentation', () => {
  it.each(AUGMENTATION_NAMES)('makes what the device takes: %s', (name) => {
    const { perClass, mix, ...transform } = create(name);
    expect(() => magnitudeTable(perClass ?? [transform])).not.toThrow();
    if (perClass) expect(perClass.length).toBe(3);
    expect(mix?.kind).toBe(name === 'mixup' || name === 'cutmix' ? name : name === 'remix' ? 'mixup' : undefined);
  });

  it('crops and flips as the lab does, or leaves images alone', () => {
    expect(create('lab')).toEqual({ cropPadding: 4, flip: 0.5 });
    expect(create('none')).toEqual({});
  });

  it('changes the smaller classes more: not the largest, half for the middle, all for the smallest', () => {
    const [largest, middle, smallest] = create('targeted').perClass!;
    expect(largest).toMatchObject({ cropPadding: 4, flip: 0.5, rotation: 0, cutout: 0, contrast: 0 });
    expect(middle.rotation).toBeCloseTo(7.5, 12);
    expect(middle.cutout).toBe(4);
    expect(smallest).toMatchObject({ cropPadding: 4, flip: 0.5, rotation: 15, translation: 2, cutout: 8 });
  });

  it('gives each third of the classes transforms of its own, whatever their order', () => {
    const { perClass } = createAugmentation('class-specific', { counts: [5, 900, 70, 8, 1000, 60] });
    const kinds = perClass!.map((transform) => Object.keys(transform).length);
    expect(kinds).toEqual([8, 2, 4, 8, 2, 4]);
  });

  it('takes the same classes for the largest and the smallest as the recall that is reported by thirds', () => {
    const counts = [300, 232, 180, 139, 108, 83, 65, 50, 39, 30];
    const { perClass } = createAugmentation('class-specific', { counts });
    const kinds = perClass!.map((transform) => Object.keys(transform).length);
    const { largest, middle, smallest } = classThirds(counts);
    expect([largest.length, middle.length, smallest.length]).toEqual([3, 4, 3]);
    expect(largest.map((label) => kinds[label])).toEqual([2, 2, 2]);
    expect(middle.map((label) => kinds[label])).toEqual([4, 4, 4, 4]);
    expect(smallest.map((label) => kinds[label])).toEqual([8, 8, 8]);
  });

  it('refuses a name that is none, and lists the names', () => {
    expect(() => create('strong' as AugmentationName)).toThrow(UserError);
    expect(() => create('strong' as AugmentationName)).toThrow(
      'There is no augmentation "strong": choose one of none, lab, targeted, class-specific, mixup, cutmix, remix.',
    );
  });
});

describe('targetedStrengths', () => {
  it('grows with the logarithm of the ratio', () => {
    expect(targetedStrengths([1000, 100, 10])).toEqual([0, expect.closeTo(0.5, 12), 1]);
  });

  it('is nothing where the classes are alike, and all for a class without images', () => {
    expect(targetedStrengths([7, 7])).toEqual([0, 0]);
    expect(targetedStrengths([8, 0, 2])).toEqual([0, 1, 1]);
  });

  it('leaves out what would change a class', () => {
    const keeps = { mirror: false, rotation: false, colour: false };
    expect(createAugmentation('lab', { counts, keeps })).toEqual({ cropPadding: 4 });
    expect(createAugmentation('mixup', { counts, keeps })).toEqual({ cropPadding: 4, mix: expect.anything() });
    const { perClass } = createAugmentation('class-specific', { counts, keeps: { ...keeps, rotation: true } });
    expect(perClass).toHaveLength(counts.length);
    for (const transform of perClass ?? []) {
      for (const name of ['flip', 'brightness', 'contrast', 'saturation']) expect(transform).not.toHaveProperty(name);
    }
    expect(perClass?.some(({ rotation }) => rotation)).toBe(true);
    expect(createAugmentation('targeted', { counts, keeps: ALL_CHANGES })).toEqual(create('targeted'));
  });
});
