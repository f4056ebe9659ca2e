import { expect, it } from 'vitest';
import { CONV2D, convolutionShape } from '../../src/inspect/conformance/cases/convolutions.ts';
import { conv2dScaled } from '../../src/kernels/conv2d.ts';
import type { RungName } from '../../src/runtime/rungs.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(CONV2D, held);

it.each<[RungName, k: number, ci: number, inPass: boolean]>([
  ['naive', 3, 8, false],
  ['tiled', 3, 8, true],
  ['blocked', 3, 8, true],
  ['subgroup', 3, 8, true],
  ['subgroup', 3, 3, true],
  ['winograd', 3, 8, false],
  // A product of matrices.
  ['subgroup', 1, 8, false],
])('the %s rung of a window of %i on %i channels scales its sums in its own pass: %s', (rung, k, ci, inPass) => {
  const { gpu } = held;
  const s = convolutionShape({ n: 2, h: 6, w: 6, ci, co: 8, groups: 1, k, pad: (k - 1) / 2 });
  gpu.forcedRung = rung;
  try {
    gpu.scope(() => {
      const [x, weight, folded] = [2 * 36 * ci, k * k * ci * 8, 16].map((n) => gpu.upload(new Float32Array(n), 'test'));
      let folds = 0;
      const fold = () => {
        folds++;
        return folded;
      };
      expect(conv2dScaled(x, weight, fold, true, s) !== undefined).toBe(inPass);
      // Nothing is folded for a kernel that cannot take it.
      expect(folds).toBe(Number(inPass));
    });
  } finally {
    gpu.forcedRung = undefined;
  }
});
