import { batchNormApply, batchNormStatistics } from '../../kernels/batch_norm.ts';
import { batchNormNaive, softmaxNaive } from '../../kernels/ladder.ts';
import { softmax } from '../../kernels/softmax.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import type { Ladder, LadderRung } from './ladder.ts';

type F32 = DeviceArray<'f32'>;

/** A rung whose loads are so many elements for each element of the result, which takes so many operations. */
const rung = (
  name: string,
  shader: string,
  { loads, operations }: { loads: number; operations: number },
  run: LadderRung['run'],
): LadderRung => ({ name, shader, run, loads: () => ({ buffer: loads / (operations / 2), workgroup: 0 }) });

const EPS = 1e-5;

/** Batch normalisation in training: the statistics of the batch, and the normalised output. */
export function batchNormLadder(_gpu: Gpu, [images, size, channels]: readonly number[]): Ladder {
  const rows = images * size * size;
  const count = rows * channels;
  // The deviation from the mean, its sum, its square's (2); the deviation again, the factor and the offset.
  const operations = 7;
  const sliced =
    (vectors: boolean) =>
    ([x, weight, bias, runningMean, runningVar]: readonly F32[]) => {
      const shape = { rows, channels, vectors };
      const statistics = batchNormStatistics(x, runningMean, runningVar, { ...shape, eps: EPS, momentum: 0.1 });
      return batchNormApply(x, statistics, weight, bias, shape);
    };
  const vec4 = rung('vec4', 'batch_norm_stats', { loads: 2, operations }, sliced(true));
  return {
    ...{ shape: `${images}×${size}×${size}×${channels}`, flops: operations * count, bytes: 4 * 3 * count },
    ...{ inputs: [count, channels, channels, channels, channels], terms: rows },
    rungs: [
      rung('naive', 'batch_norm_naive', { loads: 3, operations }, ([x, weight, bias]) =>
        batchNormNaive(x, weight, bias, { rows, channels, eps: EPS }),
      ),
      rung('slices', 'batch_norm_stats', { loads: 2, operations }, sliced(false)),
      ...(channels % 4 === 0 ? [vec4] : []),
    ],
    expected: ([x, weight, bias], at) => {
      const c = at % channels;
      let [sum, squares] = [0, 0];
      for (let r = 0; r < rows; r++) sum += x[r * channels + c];
      for (let r = 0; r < rows; r++) squares += (x[r * channels + c] - sum / rows) ** 2;
      return ((x[at] - sum / rows) / Math.sqrt(squares / rows + EPS)) * weight[c] + bias[c];
    },
  };
}

/** Softmax of each row. */
export function softmaxLadder(_gpu: Gpu, [rows, classes]: readonly number[]): Ladder {
  const count = rows * classes;
  // The largest, the difference to it, its exponential, the sum, the quotient; an exponential counts as one.
  const operations = 5;
  return {
    ...{
      shape: `${rows}×${classes}`,
      flops: operations * count,
      bytes: 4 * 2 * count,
      inputs: [count],
      terms: classes,
    },
    rungs: [
      rung('naive', 'softmax_naive', { loads: 2 * classes + 1, operations }, ([x]) =>
        softmaxNaive(x, { rows, classes }),
      ),
      rung('row', 'softmax', { loads: 3, operations }, ([x]) => softmax(x, { rows, classes })),
    ],
    expected: ([x], at) => {
      const row = x.subarray(at - (at % classes), at - (at % classes) + classes);
      const sum = row.reduce((total, v) => total + Math.exp(v), 0);
      return Math.exp(x[at]) / sum;
    },
  };
}
