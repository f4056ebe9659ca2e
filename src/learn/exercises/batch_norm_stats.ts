import { HALF_ULP } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import type { Exercise, ExerciseCase } from '../exercise.ts';

/** beside: columns that a workgroup takes. */
function statistics(
  ...[rows, columns, sliceRows, centre, beside]: readonly [number, number, number, number, number]
): ExerciseCase {
  const x = input('row, c', [rows, columns], rows, centre - 1, centre + 1);
  const slices = Math.ceil(rows / sliceRows);
  const count = slices * columns;
  const [mean, m2] = Array.from({ length: 2 }, () => ({
    values: new Float64Array(count),
    allowed: new Float64Array(count),
  }));
  for (let i = 0; i < count; i++) {
    const c = i % columns;
    const first = Math.floor(i / columns) * sliceRows;
    const values: number[] = [];
    for (let row = first; row < Math.min(first + sliceRows, rows); row++) values.push(x.data[row * columns + c]);
    const n = values.length;
    const average = values.reduce((sum, v) => sum + v, 0) / n;
    mean.values[i] = average;
    m2.values[i] = values.reduce((sum, v) => sum + (v - average) ** 2, 0);
    // What the kernel adds up: deviations from the slice's first value, and their squares, less the square of their sum.
    const sum = values.reduce((total, v) => total + Math.abs(v - values[0]), 0);
    const squares = values.reduce((total, v) => total + (v - values[0]) ** 2, 0);
    const rounding = 2 * (n + 6) * HALF_ULP;
    mean.allowed[i] = rounding * (sum / n) + 2 * HALF_ULP * Math.abs(average);
    m2.allowed[i] = rounding * (squares + (2 * sum * sum) / n);
  }
  return {
    title: `x [${rows}, ${columns}] around ${centre}, slices of ${sliceRows} rows, ${beside} columns a workgroup`,
    arrays: {
      x,
      mean: output('slice, c', [slices, columns], mean),
      m2: output('slice, c', [slices, columns], m2),
      // Of several slices these wait for `batch_norm_merge.wgsl`.
      running_mean: input('c', [columns], rows + 1),
      running_var: input('c', [columns], rows + 2),
    },
    params: { rows, columns, slice_rows: sliceRows, slices, eps: 1e-5, momentum: 0.1 },
    constants: { COLUMNS: beside },
    workgroups: [Math.ceil(columns / beside), slices],
  };
}

/** Mean and sum of squared deviations of each channel over a slice of the pixels. */
export const BATCH_NORM_STATS: Exercise = {
  name: 'batch-norm-stats',
  title: 'Batch norm, statistics: mean and variance in one pass',
  teaches: 'why Σx² − (Σx)²/n loses its digits, and how a shift saves them',
  shader: 'batch_norm_stats',
  holes: [
    {
      first: 'let shift = T(x[min(first + lane, end - 1u) * params.columns + own]);',
      instead: [
        '  // TODO 1: a value of this channel, to take off all others. (0 works only for data around 0.)',
        '  let shift = T(0.0);',
      ],
    },
    {
      first: 'let d = T(x[row * params.columns + own]) - shift;',
      last: 'square += d * d;',
      instead: [
        '    // TODO 2: the value of this row, less the shift; add it to `sum`, and its square to `square`.',
        '',
      ],
    },
    {
      first: 'let rounded = square - sum * sum / max(count, 1.0);',
      last: 'means[invocation] = shift - origin + sum / max(count, 1.0);',
      instead: [
        '  // TODO 3: the sum of the squared deviations of these rows from their mean, and how far that is from `origin`. There may be no row: divide by 1 then.',
        '  let rounded = square;',
        '  means[invocation] = sum;',
      ],
    },
    {
      first: 'means[invocation] += delta * (more / both);',
      last: 'squares[invocation] += squares[other] + delta * delta * (own_rows * more / both);',
      instead: ['      // TODO 4: the mean and the squared deviations of both parts together.', ''],
    },
  ],
  hints: [
    'With values around 1000 the squares are near 10⁶, and float32 holds seven digits: their small difference is lost. Take a value of the data off first.',
    'd = x[row · columns + own] − shift. Add d to `sum`, and d · d to `square`: of these rows mean = shift + sum / count, m2 = square − sum · sum / count.',
    'Two parts, own_rows and more rows: the mean moves by delta · more / both; the deviations are those of both, and delta² · own_rows · more / both.',
  ],
  meanings: {
    'one-case':
      'If it is the case around 1000: large numbers of nearly one size are subtracted, and little is left. Shift first.',
    'last-of-axis':
      'If it is the last slice: it has fewer rows, and not every invocation has one row more than others.',
    all: 'mean = shift + sum / count; m2 is the sum of the squared deviations, not divided by the count. Are the rows of all its invocations in it? And is x read at row · columns + own?',
  },
  cases: () => [statistics(77, 45, 30, 0, 4), statistics(650, 23, 320, 1000, 4), statistics(300, 6, 150, 0, 8)],
  small: () => statistics(7, 3, 4, 5, 2),
  speed: () => ({ case: statistics(8192, 65, 2048, 0, 4) }),
  next: 'shaders/batch_norm_merge.wgsl: how the slices are joined, by the rule of Chan',
};
