import { afterEach, describe, expect, it } from 'vitest';
import {
  convolutionByHand,
  convolutionShape,
  DEPTHWISE_CONV2D,
} from '../../src/inspect/conformance/cases/convolutions.ts';
import { depthwiseConv2d, depthwiseConv2dWeightGrad } from '../../src/kernels/depthwise_conv2d.ts';
import { randomValues, useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

afterEach(() => {
  held.gpu.forcedRung = undefined;
});

checkFamily(DEPTHWISE_CONV2D, held);

describe('a value that is no number', () => {
  // Lanes of a subgroup hold neighbouring columns and channels: what one of them holds must reach no output of another's.
  it.each(['naive', 'tiled', 'subgroup'] as const)(
    'reaches the outputs above it and no others: rung %s',
    async (rung) => {
      const { gpu } = held;
      gpu.forcedRung = rung;
      for (const s of [
        convolutionShape({ n: 2, h: 4, w: 4, ci: 16, co: 16, groups: 16, k: 3, pad: 1 }),
        convolutionShape({ n: 2, h: 8, w: 8, ci: 8, co: 8, groups: 8, k: 5, stride: 2, pad: 2 }),
      ]) {
        const x = randomValues(s.n * s.h * s.w * s.ci, 1);
        const weight = randomValues(s.kh * s.kw * s.co, 2);
        const dy = randomValues(s.n * s.oh * s.ow * s.co, 3);
        // The last pixel of a row, in the last image's channel 5.
        x[((s.n - 1) * s.h * s.w + 2 * s.w - 1) * s.ci + 5] = Number.NaN;
        const [gx, gw, gdy] = [x, weight, dy].map((values) => gpu.upload(values, 'test'));
        const lost = (values: ArrayLike<number>) => Array.from(values, Number.isNaN);
        const expected = convolutionByHand(x, weight, dy, s);
        const [y, dw] = [depthwiseConv2d(gx, gw, undefined, s), depthwiseConv2dWeightGrad(gx, gdy, s)];
        expect(lost(await y.read())).toEqual(lost(expected.y.values));
        expect(lost(await dw.read())).toEqual(lost(expected.dw.values));
      }
    },
  );
});
