import { describe, expect, it } from 'vitest';
import { CBAM } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { attendsAsPyTorch } from './golden_attention.ts';

const held = useGpu();

attendsAsPyTorch('CBAM', (gpu) => new CBAM(gpu, 5));

describe('CBAM', () => {
  it('refuses a window without a middle', () => {
    expect(() => new CBAM(held.gpu, 8, { kernelSize: 4 })).toThrow(
      'SpatialAttention: kernelSize must be an odd number of pixels, not 4.',
    );
  });
});
