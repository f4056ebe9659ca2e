import { denseStrides } from '../../../kernels/dimensions.ts';
import { fill } from '../../../kernels/elementwise.ts';
import { indexSelect, indexSelectGrad, type PickedRows } from '../../../kernels/index_select.ts';
import { copyColumns, type Four, permute, stridedEmbed, stridedSlice } from '../../../kernels/strided.ts';
import { exact, type KernelCase, type KernelFamily, product, Sums } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

const ORDERS: readonly (readonly [shape: readonly number[], order: readonly number[]])[] = [
  [
    [3, 5],
    [1, 0],
  ],
  [
    [4, 8],
    [1, 0],
  ],
  [
    [1, 7],
    [1, 0],
  ],
  [
    [2, 3, 5],
    [0, 2, 1],
  ],
  [
    [2, 4, 8],
    [0, 2, 1],
  ],
  [
    [2, 3, 5],
    [2, 1, 0],
  ],
  [
    [2, 3, 5],
    [1, 0, 2],
  ],
  [
    [2, 5, 3, 4],
    [0, 3, 1, 2],
  ],
  [
    [2, 5, 3, 4],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 2, 3, 2, 3],
    [5, 3, 1, 4, 2, 0],
  ],
  [
    [2, 1, 1, 3, 2, 2, 2, 2],
    [7, 1, 2, 6, 5, 4, 0, 3],
  ],
  [
    [3, 4, 5],
    [0, 1, 2],
  ],
];

const orderCase = ([shape, order]: (typeof ORDERS)[number]): KernelCase => ({
  name: `[${shape}] in the order ${order.join(', ')}`,
  quick: shape.length > 3,
  prepare() {
    const x = randomValues(product(shape), 1);
    const sizes = order.map((d) => shape[d]);
    const strides = order.map((d) => denseStrides(shape)[d]);
    const inner = denseStrides(sizes);
    const y = x.map((_, i) => x[strides.reduce((at, s, d) => at + s * (Math.floor(i / inner[d]) % sizes[d]), 0)]);
    return (gpu) => [{ name: 'y', run: () => permute('permute', gpu.upload(x, 'x'), sizes, strides), ...exact(y) }];
  },
});

const PARTS: readonly { whole: Four; part: Four; start: Four; step: Four }[] = [
  { whole: [2, 5, 6, 3], part: [2, 4, 3, 3], start: [0, 1, 0, 0], step: [1, 1, 2, 1] },
  { whole: [1, 1, 1, 700], part: [1, 1, 1, 233], start: [0, 0, 0, 2], step: [1, 1, 1, 3] },
  { whole: [3, 4, 5, 2], part: [3, 2, 1, 1], start: [0, 1, 4, 1], step: [1, 2, 1, 1] },
];

const partCase = (s: (typeof PARTS)[number]): KernelCase => ({
  name: `[${s.part}] of [${s.whole}] from ${s.start.join(', ')} by ${s.step.join(', ')}`,
  quick: true,
  prepare() {
    const [inner, own] = [denseStrides(s.whole), denseStrides(s.part)];
    const at = (i: number) =>
      s.part.reduce((p, size, d) => p + inner[d] * (s.start[d] + s.step[d] * (Math.floor(i / own[d]) % size)), 0);
    const [x, part] = [randomValues(product(s.whole), 1), randomValues(product(s.part), 2)];
    const embedded = new Float32Array(x.length);
    part.forEach((v, i) => {
      embedded[at(i)] = v;
    });
    return (gpu) => [
      { name: 'part', run: () => stridedSlice(gpu.upload(x, 'x'), s), ...exact(part.map((_, i) => x[at(i)])) },
      { name: 'whole', run: () => stridedEmbed(gpu.upload(part, 'part'), s), ...exact(embedded) },
    ];
  },
});

const columnsCase = ([rows, columns]: readonly [number, number]): KernelCase => ({
  name: `${columns} columns of ${rows} rows into another matrix`,
  quick: true,
  prepare() {
    const [width, into] = [columns + 3, columns + 5];
    const x = randomValues(rows * width, 1);
    const y = new Float32Array(rows * into).fill(9);
    for (let r = 0; r < rows; r++) for (let j = 0; j < columns; j++) y[r * into + 4 + j] = x[r * width + 2 + j];
    return (gpu) => [
      {
        name: 'y',
        run() {
          const array = fill(gpu, y.length, 9);
          const from = { array: gpu.upload(x, 'x'), width, first: 2 };
          copyColumns(from, { array, width: into, first: 4 }, rows, columns);
          return array;
        },
        ...exact(y),
      },
    ];
  },
});

export const STRIDED: KernelFamily = {
  kernels: 'strided',
  cases: [
    ...ORDERS.map(orderCase),
    ...PARTS.map(partCase),
    ...(
      [
        [1, 1],
        [7, 3],
        [40, 33],
      ] as const
    ).map(columnsCase),
  ],
};

const pickedCase = ({ picked, ...s }: PickedRows & { picked: number }): KernelCase => ({
  name: `${picked} rows of [${s.outer}, ${s.rows}, ${s.inner}], and back`,
  quick: true,
  prepare() {
    const { outer, rows, inner } = s;
    const x = randomValues(outer * rows * inner, 1);
    const index = Uint32Array.from({ length: picked }, (_, k) => (k * k + 3) % rows);
    const dy = randomValues(outer * picked * inner, 2);
    const y = new Float32Array(dy.length);
    const sums = new Sums(x.length);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < picked; k++) {
        for (let i = 0; i < inner; i++) {
          const [from, to] = [(o * rows + index[k]) * inner + i, (o * picked + k) * inner + i];
          y[to] = x[from];
          sums.add(from, dy[to]);
        }
      }
    }
    const { values, magnitudes, terms } = sums;
    return (gpu) => {
      const device = gpu.upload(index, 'index');
      return [
        { name: 'y', run: () => indexSelect(gpu.upload(x, 'x'), device, s), ...exact(y) },
        { name: 'dx', run: () => indexSelectGrad(gpu.upload(dy, 'dy'), device, s), values, magnitudes, terms },
      ];
    };
  },
});

export const INDEX_SELECT: KernelFamily = {
  kernels: 'index_select',
  cases: [
    { outer: 1, rows: 1, inner: 1, picked: 1 },
    { outer: 1, rows: 7, inner: 3, picked: 11 },
    { outer: 3, rows: 5, inner: 4, picked: 2 },
    { outer: 2, rows: 4, inner: 1, picked: 70 },
    { outer: 1, rows: 70, inner: 5, picked: 300 },
    { outer: 1, rows: 3, inner: 5, picked: 0 },
  ].map(pickedCase),
};
