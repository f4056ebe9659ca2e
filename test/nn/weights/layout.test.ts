import { describe, expect, it } from 'vitest';
import { fromTorch, imagesFromTorch, permute, toTorch } from '../../../src/nn/weights/layout.ts';
import { randomValues } from '../../gpu.ts';

const weight = { shape: [5, 2, 3, 4], data: randomValues(120, 1) };

describe('layout', () => {
  it('puts convolution weights [CO, CI, KH, KW] as [KH, KW, CI, CO]', () => {
    const ours = fromTorch(weight);
    expect(ours.shape).toEqual([3, 4, 2, 5]);
    for (const [co, ci, kh, kw] of [
      [0, 0, 0, 0],
      [4, 1, 2, 3],
      [3, 0, 1, 2],
      [2, 1, 0, 3],
    ]) {
      expect(ours.data[((kh * 4 + kw) * 2 + ci) * 5 + co]).toBe(weight.data[((co * 2 + ci) * 3 + kh) * 4 + kw]);
    }
  });

  it('puts linear weights [out, in] as [in, out], and leaves vectors', () => {
    expect(fromTorch({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })).toEqual({
      shape: [3, 2],
      data: Float32Array.of(1, 4, 2, 5, 3, 6),
    });
    const vector = { shape: [3], data: Float32Array.of(1, 2, 3) };
    expect(fromTorch(vector)).toEqual(vector);
  });

  it('toTorch is the way back', () => {
    for (const shape of [[5, 2, 3, 4], [10, 12], [120]]) {
      expect(toTorch(fromTorch({ ...weight, shape }))).toEqual({ ...weight, shape });
    }
  });

  it('puts images [N, C, H, W] as [N, H, W, C]', () => {
    const images = imagesFromTorch({ shape: [1, 2, 2, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect(images).toEqual({ shape: [1, 2, 2, 2], data: Float32Array.of(1, 5, 2, 6, 3, 7, 4, 8) });
    expect(() => imagesFromTorch({ shape: [2, 4], data: new Float32Array(8) })).toThrow('4 dimensions are needed');
  });

  it('refuses data of another length than the shape', () => {
    expect(() => permute({ shape: [2, 3], data: new Float32Array(5) }, [1, 0])).toThrow(
      'permute: shape [2,3] has 6 elements, the data 5.',
    );
  });
});
