import { matmul } from '../../kernels/matmul.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type Grid, subgroupGrid, tiledGrid } from '../../runtime/grid.ts';
import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import type { Exercise, ExerciseCase, HouseKernel } from '../exercise.ts';

interface Product {
  m: number;
  n: number;
  k: number;
}

/** C = A · B, each of A and B as it lies or transposed. grid: as the rung cuts it. params: besides the sizes. */
function product(
  { m, n, k }: Product,
  grid: Grid,
  params: Record<string, number> = {},
  transposed = false,
  checked = true,
): ExerciseCase {
  const a = transposed ? input('k, m', [k, m], m) : input('m, k', [m, k], m);
  const b = transposed ? input('n, k', [n, k], n + 1) : input('k, n', [k, n], n + 1);
  const [aRow, aColumn, bRow, bColumn] = transposed ? [1, m, 1, k] : [k, 1, n, 1];
  const dot = (i: number) => {
    const [row, column] = [Math.floor(i / n), i % n];
    const sum = new BoundedSum();
    for (let j = 0; j < k; j++) sum.add(a.data[row * aRow + j * aColumn] * b.data[j * bRow + column * bColumn]);
    return sum;
  };
  return {
    title: `A [${a.shape.join(', ')}], B [${b.shape.join(', ')}]${transposed ? ', both transposed' : ''}`,
    arrays: { a, b, c: output('m, n', [m, n], checked ? expectEach(m * n, dot) : undefined) },
    params: { m, n, k, ...params, ...grid.params },
    constants: grid.constants,
    workgroups: grid.workgroups,
    invocations: grid.invocations,
  };
}

function naive(size: Product, transposed = false, checked = true): ExerciseCase {
  const { m, n, k } = size;
  const [a_row, a_column, b_row, b_column] = transposed ? [1, m, 1, k] : [k, 1, n, 1];
  return product(size, { params: {}, invocations: m * n }, { a_row, a_column, b_row, b_column }, transposed, checked);
}

const tiled = (size: Product, checked = true) =>
  product(size, tiledGrid(64, { rows: size.m, columns: size.n }), {}, false, checked);

/** loads: turns of 4 rows that fill a slab of 32. */
const bySubgroups = (gpu: Gpu, size: Product, checked = true) =>
  product(size, subgroupGrid(gpu, 32, { rows: size.m, columns: size.n }), { loads: 8, turned: 0 }, false, checked);

const SPEED = { m: 260, n: 192, k: 256 };
const beside = (run: ExerciseCase) => ({
  case: run,
  flops: 2 * SPEED.m * SPEED.n * SPEED.k,
  house: (({ a, b }) => void matmul(a, b, SPEED)) satisfies HouseKernel,
});

/** C = A · B, one output per invocation. */
export const MATMUL_NAIVE: Exercise = {
  name: 'matmul-naive',
  title: 'Matrix product, naive: one output per invocation',
  teaches: 'a dot product, and strides: how one kernel reads a matrix as it lies or transposed',
  shader: 'matmul_naive',
  holes: [
    {
      first: 'let row = i / params.n;',
      last: 'let column = i % params.n;',
      instead: ['  // TODO 1: row and column of output i.', '  let row = 0u;', '  let column = 0u;'],
    },
    {
      first: 'sum += a[row * params.a_row + k * params.a_column] * b[k * params.b_row + column * params.b_column];',
      instead: [
        '    // TODO 2: add A[row, k] · B[k, column]. The strides in params say where the next row and the next column of each matrix are.',
        '    sum += a[row] * b[column];',
      ],
    },
  ],
  hints: [
    'Output i of C [m, n] is in row i / n and in column i % n.',
    'Element (row, k) of A lies at row · a_row + k · a_column, whatever way A lies; B likewise.',
    'for k from 0 to params.k: sum += a[…] · b[…]. Then c[i] = sum.',
  ],
  meanings: {
    'one-case':
      'Go by the strides in `params` alone: `a_row`, `a_column`, `b_row`, `b_column`. They say how A and B lie.',
    scattered: 'Row and column are i / n and i % n. With m in their place a square matrix would hide the mistake.',
    all: 'Does k run over all of `params.k`, and do A and B each go by their own strides?',
  },
  cases: () => [naive({ m: 23, n: 17, k: 19 }), naive({ m: 13, n: 41, k: 6 }, true)],
  small: () => naive({ m: 3, n: 5, k: 4 }, true),
  speed: () => beside(naive(SPEED, false, false)),
  next: 'matmul-tiled: the same product with each loaded number used 64 times',
};

/** C = A · B through tiles in workgroup memory. */
export const MATMUL_TILED: Exercise = {
  name: 'matmul-tiled',
  title: 'Matrix product, tiled: load once, use often',
  teaches:
    'how tiles in workgroup memory and registers cut the loads from main memory, and where the two barriers stand',
  shader: 'matmul_tiled',
  holes: [
    {
      first: 'workgroupBarrier();',
      instead: [
        '    // TODO 1: all invocations of the workgroup have to be done with loading before the first one multiplies.',
        '',
      ],
    },
    {
      first: 'let a = slab_a[k * QUADS + y_quad];',
      last: 'sum[3] = fma(vec4f(a.w), b, sum[3]);',
      instead: [
        '      let a = slab_a[k * QUADS + y_quad];  // four rows of A in column k',
        '      let b = slab_b[k * QUADS + x_quad];  // row k of B in four columns',
        '      // TODO 2: each of the four rows meets all four columns: add to sum[0] … sum[3].',
        '      sum[0] = fma(vec4f(a.x), b, sum[0]);',
      ],
    },
    {
      first: 'workgroupBarrier();',
      instead: ['    // TODO 3: what must not begin before all invocations are done with this slab?', ''],
    },
    {
      first: 'for (var r = 0u; r < 4u && row0 + r < params.m; r++) {',
      instead: [
        '    // TODO 4: M need not be a multiple of 4: leave out the rows that C does not have.',
        '    for (var r = 0u; r < 4u; r++) {',
      ],
    },
  ],
  hints: [
    'A turn of the outer loop has four parts: load a slab of A and of B, barrier, multiply, barrier.',
    'The first barrier: no one multiplies before all have loaded. The second: no one loads the next slab while another still multiplies this one.',
    'In the inner loop `a` holds four rows and `b` four columns: `sum[0] = fma(vec4f(a.x), b, sum[0])`, and so on for y, z and w.',
  ],
  meanings: {
    race: 'One barrier stands behind the loads, another behind the loop that multiplies. Without the second a fast invocation overwrites what a slow one still reads.',
    'every-other':
      'An invocation owns four rows, one after the other: each of sum[0] … sum[3] takes its own value of a.',
    'last-of-axis':
      'Look at the edge of the tile: rows beyond M, columns beyond N, and k beyond K must count as 0 or be left alone.',
  },
  cases: () => [tiled({ m: 133, n: 36, k: 21 }), tiled({ m: 37, n: 132, k: 50 })],
  small: () => tiled({ m: 5, n: 8, k: 18 }),
  speed: () => beside(tiled(SPEED, false)),
  next: 'matmul-subgroup: lanes hand numbers to each other without workgroup memory; docs/benchmarks.md has the speeds of all three',
};

/** C = A · B, numbers handed round by subgroup shuffles. */
export const MATMUL_SUBGROUP: Exercise = {
  name: 'matmul-subgroup',
  title: 'Matrix product by subgroups: lanes hand numbers round',
  teaches: 'what a subgroup is, `subgroupShuffle`, and why all lanes must take part in it',
  shader: 'matmul_subgroup',
  holes: [
    {
      first: 'let v = subgroupShuffle(slab[r], group + q);',
      last: 'sum[r] = fma(vec4f(v.x), rows[0], fma(vec4f(v.y), rows[1], fma(vec4f(v.z), rows[2], fma(vec4f(v.w), rows[3], sum[r]))));',
      instead: [
        '        // TODO 1: v = what lane group + q holds in slab[r]: four values of A along k.',
        '        let v = slab[r];',
        '        // TODO 2: each of the four values of v meets one of the four rows of B.',
        '        sum[r] = fma(vec4f(v.x), rows[0], sum[r]);',
      ],
    },
    {
      first: 'if (column < columns) {',
      last: '}',
      instead: [
        '  // TODO 3: only lanes whose column C has may write, and only the rows that C has.',
        '  for (var r = 0u; r < ROWS; r++) {',
        '    c[(row0 + r) * columns + column] = sum[r];',
      ],
    },
  ],
  hints: [
    'Each lane has loaded one vec4 along k of each of its 32 rows: `slab[r]`. In turn q of the loop all need what lane `group + q` holds.',
    '`subgroupShuffle(slab[r], group + q)` gives four values of A along k. Each meets one row of B: rows[0] to rows[3].',
    'sum[r] = fma(vec4f(v.x), rows[0], fma(vec4f(v.y), rows[1], fma(vec4f(v.z), rows[2], fma(vec4f(v.w), rows[3], sum[r])))).',
  ],
  meanings: {
    'last-of-axis': 'At the end only lanes whose column is inside may write, and only rows below M.',
    all: 'Which lane holds the values of A for this q? `group` is the first lane of the group, so it is lane group + q.',
  },
  cases: (gpu) => [bySubgroups(gpu, { m: 37, n: 68, k: 20 }), bySubgroups(gpu, { m: 300, n: 12, k: 20 })],
  speed: (gpu) => beside(bySubgroups(gpu, SPEED, false)),
  next: 'shaders/conv2d_subgroup.wgsl: a convolution as such a product',
};
