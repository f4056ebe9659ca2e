import { describe, expect, it } from 'vitest';
import { AuxiliaryCNN } from '../../src/nn/models/auxiliary_cnn.ts';
import { CustomCNN } from '../../src/nn/models/custom_cnn.ts';
import { EfficientNetB0 } from '../../src/nn/models/efficientnet_b0.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { cutEpoch, stepsPerEpoch } from '../../src/train/last_batch.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();
const IMAGE = [32, 32, 3];
const efficientNet = () => new EfficientNetB0(held.gpu, { width: 1 / 8 }).train();

describe('cutEpoch', () => {
  it('leaves a last batch of one image out where a batch norm sees one number per channel, and says so', () => {
    const cut = cutEpoch(efficientNet(), IMAGE, { count: 78, batchSize: 11, dropLast: false });
    expect(cut.dropLast).toBe(true);
    expect(cut.notice).toMatch(
      /^The last batch of each epoch would be one image \(78 in batches of 11\), from which the batch norm \S+ cannot learn; it is left out\.$/,
    );
    expect(stepsPerEpoch(cut)).toBe(7);
  });

  it('leaves other last batches as they are', () => {
    const cut = { count: 78, batchSize: 11, dropLast: false };
    expect(cutEpoch(new CustomCNN(held.gpu, { width: 1 / 16 }).train(), IMAGE, cut)).toEqual(cut);
    expect(cutEpoch(efficientNet(), IMAGE, { ...cut, count: 79 })).toEqual({ ...cut, count: 79 });
    expect(cutEpoch(efficientNet(), [64, 64, 3], cut)).toEqual(cut);
    // In evaluation mode nothing is learnt from a batch's statistics.
    expect(cutEpoch(efficientNet().eval(), IMAGE, cut)).toEqual(cut);
    expect(cutEpoch(efficientNet(), IMAGE, { ...cut, dropLast: true })).toEqual({ ...cut, dropLast: true });
    expect(stepsPerEpoch({ count: 79, batchSize: 11, dropLast: false })).toBe(8);
  });

  it('looks through second heads too', () => {
    const model = new AuxiliaryCNN(held.gpu, { width: 1 / 16 }).train();
    expect(cutEpoch(model, IMAGE, { count: 9, batchSize: 8, dropLast: false }).dropLast).toBe(false);
  });

  it('says in a sentence where no batch would be left', () => {
    const cut =
      (count: number, batchSize: number, dropLast = false) =>
      () =>
        cutEpoch(efficientNet(), IMAGE, { count, batchSize, dropLast });
    expect(cut(5, 1)).toThrow(UserError);
    expect(cut(5, 1)).toThrow(/cannot learn from a batch of one image; choose a batch size of 2 or more\.$/);
    expect(cut(1, 8)).toThrow(/cannot learn from a batch of one image; add images\.$/);
    expect(cut(5, 8, true)).toThrow(
      'An epoch of 5 images holds no whole batch of 8, and smaller ones are left out; choose a batch size of at most 5.',
    );
  });
});
