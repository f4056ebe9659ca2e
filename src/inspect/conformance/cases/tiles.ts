import { matmul } from '../../../kernels/matmul.ts';
import { TILE_NAMES, TILES, type Tile } from '../../../runtime/tiles.ts';
import type { KernelCase, KernelFamily } from '../kernel_case.ts';
import { type ConvolutionSizes, convolutionCase, convolutionShape, PLAIN_PASSES } from './convolutions.ts';
import { productCase } from './products.ts';

// The tiles of the blocked rung, each at sizes just beyond its own.

const forEachTile = (make: (tile: Tile) => KernelCase[]): KernelCase[] =>
  TILE_NAMES.flatMap((name) => make(TILES[name]).map((one) => ({ ...one, rungs: [`blocked:${name}`] as const })));

/** One row, and one vec4 of columns and terms, too many; and a small result whose sum is so long that it is cut into slices. */
export const MATMUL_TILES: KernelFamily = {
  kernels: 'matmul',
  ladder: true,
  cases: forEachTile(({ name, rows, columns, depth }) => [
    productCase(`${name}: a little more than a block`, matmul, [1, rows + 1, columns + 4, depth + 4]),
    productCase(`${name}: a long sum`, matmul, [1, 5, 12, 17 * depth + 4], name === TILE_NAMES[0]),
  ]),
};

/** Images of a little more than so many pixels in all. */
const pixels = (rows: number) => ({ n: 3, h: 5, w: Math.floor(rows / 15) + 1 });

const convolution = (name: string, sizes: ConvolutionSizes & { co: number }): KernelCase =>
  convolutionCase(name, PLAIN_PASSES, convolutionShape({ ...sizes, groups: 1 }));

/** As the products, in all passes, each with a sum that is cut into slices; and windows whose taps do not meet all pixels. */
export const CONV2D_TILES: KernelFamily = {
  kernels: 'conv2d',
  ladder: true,
  cases: forEachTile(({ name, rows, columns, depth }) => [
    convolution(`${name}: a little more than a block`, {
      ...{ ...pixels(rows), ci: depth + 4, co: columns + 4, k: 3, pad: 1 },
    }),
    convolution(`${name}: many input channels`, { n: 1, h: 4, w: 5, ci: 132, co: 8, k: 3, pad: 1 }),
    convolution(`${name}: many output channels`, { n: 1, h: 5, w: 4, ci: 8, co: 132, k: 3, pad: 1 }),
    convolution(`${name}: stride 2, many pixels`, { n: 4, h: 9, w: 16, ci: 4, co: 8, k: 3, stride: 2, pad: 1 }),
    convolution(`${name}: stride and dilation by dimension`, {
      ...{ n: 2, h: 11, w: 9, ci: 4, co: 36, k: [4, 3], stride: [3, 2], pad: [3, 2], dilation: [2, 2] },
    }),
  ]),
};
