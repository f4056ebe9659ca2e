import * as kernels from '../../kernels/index_select.ts';
import { axisOf } from '../axes.ts';
import { checkKnownIndices } from '../known_labels.ts';
import { record } from '../record.ts';
import { sizeOf, type Tensor } from '../tensor.ts';

/**
 * Picks along a dimension by indices [K], of which some may be alike: y[…, k, …] = x[…, index[k], …]. `indexSelect(x, 0, index)` picks rows. Negative
 * axes count from the end. Each gets the sum of dy over the places it was picked to, added in their order: the same bits on every run. The backward
 * pass looks through all K indices for each element of x: meant for thousands of indices, not for millions.
 * An index that is not there throws RangeError where it came from the host (`indices`), else gives NaN. Throws ShapeError for a dimension that is
 * not there.
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor<'u32'>): Tensor {
  const { shape } = x;
  const d = axisOf('indexSelect', shape, axis);
  checkKnownIndices('indexSelect', index.buffer, shape, d);
  const [outer, inner] = [sizeOf(shape.slice(0, d)), sizeOf(shape.slice(d + 1))];
  const rows = { outer, rows: shape[d], inner };
  return record('indexSelect', {
    inputs: [x],
    output: kernels.indexSelect(x.buffer, index.buffer, rows),
    shape: shape.with(d, index.size),
    saved: [index.buffer],
    backward: (dy) => [kernels.indexSelectGrad(dy, index.buffer, rows)],
  });
}
