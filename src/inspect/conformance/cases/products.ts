import { batchedMatmul } from '../../../kernels/batched_matmul.ts';
import { matmul, transpose } from '../../../kernels/matmul.ts';
import { exact, type KernelCase, type KernelFamily, type Output, Sums } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

/** A stack of matrices, each transposed. */
function turned(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, (_, i) => {
    const [matrix, place] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    return values[(matrix * rows + (place % rows)) * columns + Math.floor(place / rows)];
  });
}

/** The products of a stack of matrices. */
function productsByHand(a: Float32Array, b: Float32Array, batch: number, m: number, n: number, k: number): Sums {
  const sums = new Sums(batch * m * n);
  for (let z = 0; z < batch; z++)
    for (let i = 0; i < m; i++)
      for (let p = 0; p < k; p++)
        for (let j = 0; j < n; j++) sums.add((z * m + i) * n + j, a[(z * m + i) * k + p] * b[(z * k + p) * n + j]);
  return sums;
}

type Product = typeof batchedMatmul;

/** A product in all transposes. */
export function productCase(
  name: string,
  multiply: Product,
  [batch, m, n, k]: readonly number[],
  quick = false,
): KernelCase {
  return {
    name,
    quick,
    prepare() {
      const [a, b] = [randomValues(batch * m * k, 1), randomValues(batch * k * n, 2)];
      const [aTurned, bTurned] = [turned(a, m, k), turned(b, k, n)];
      const { values, magnitudes, terms } = productsByHand(a, b, batch, m, n, k);
      return (gpu): Output[] =>
        [false, true].flatMap((transposeA) =>
          [false, true].map((transposeB) => ({
            name: `${transposeA ? 'aᵀ' : 'a'}·${transposeB ? 'bᵀ' : 'b'}`,
            run: () =>
              multiply(gpu.upload(transposeA ? aTurned : a, 'a'), gpu.upload(transposeB ? bTurned : b, 'b'), {
                ...{ batch, m, n, k, transposeA, transposeB },
              }),
            ...{ values, magnitudes, terms },
          })),
        );
    },
  };
}

export const MATMUL: KernelFamily = {
  kernels: 'matmul',
  ladder: true,
  cases: [
    ...[
      [1, 1, 1],
      [1, 10, 16],
      [7, 5, 3],
      [9, 36, 20],
      [64, 64, 64],
      [33, 68, 36],
      [100, 128, 576],
      [5, 12, 30],
      [65, 132, 4],
      [128, 10, 256],
      [3, 68, 1028],
      [0, 4, 4],
    ].map(([m, n, k]) =>
      productCase(`${m}×${k} by ${k}×${n}`, matmul, [1, m, n, k], [3, 7, 9, 33, 64, 65].includes(m)),
    ),
  ],
};

export const TRANSPOSE: KernelFamily = {
  kernels: 'matmul',
  cases: [
    [3, 5, 7],
    [2, 8, 12],
    [9, 4, 4],
    [1, 6, 8],
    [1, 64, 100],
  ].map(([stack, rows, columns]) => ({
    name: `${stack} of ${rows}×${columns}, transposed`,
    quick: stack < 3,
    prepare() {
      const x = randomValues(stack * rows * columns, 3);
      const y = turned(x, rows, columns);
      return (gpu) => [{ name: 'y', run: () => transpose(gpu.upload(x, 'x'), stack, rows, columns), ...exact(y) }];
    },
  })),
};

export const BATCHED_MATMUL: KernelFamily = {
  kernels: 'batched_matmul',
  cases: [
    [1, 1, 1, 1],
    [3, 7, 5, 3],
    [2, 4, 8, 64],
    [5, 13, 34, 17],
    [70, 9, 2, 1],
    [2, 3, 5, 0],
    [0, 3, 5, 2],
  ].map((sizes) => {
    const [batch, m, n, k] = sizes;
    return productCase(`${batch} of ${m}×${k} by ${k}×${n}`, batchedMatmul, sizes, batch === 5);
  }),
};
