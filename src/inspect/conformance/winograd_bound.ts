import type { Conv2dShape } from '../../kernels/conv2d_shape.ts';
import { backwards } from '../../kernels/conv2d_shape.ts';
import { tilingOf } from '../../kernels/winograd.ts';
import type { Expected, Numbers } from './kernel_case.ts';

/** Points of the interpolation by outputs of a tile's side, without the one at infinity. */
const POINTS: Readonly<Record<2 | 4, readonly number[]>> = { 2: [0, 1, -1], 4: [0, 0.75, -0.75, 1.5, -1.5] };

/** Most roundings that the transforms put into one output: those of rows and columns of the weights, of the input and of the products, 6, 6 and 5. */
const TRANSFORM_ROUNDINGS = 2 * (6 + 6 + 5);

type Matrix = readonly (readonly number[])[];

/** Coefficients, from the lowest on, of the product of (x − a) for each of the points. */
function polynomial(points: readonly number[]): number[] {
  let coefficients = [1];
  for (const a of points)
    coefficients = [...coefficients, 0].map((_, j) => (coefficients[j - 1] ?? 0) - a * (coefficients[j] ?? 0));
  return coefficients;
}

/** A, G and Bᵀ of `winograd_input.wgsl`, each with a row for each point, from Lagrange's formula; squared element by element. */
function squaredMatrices(side: 2 | 4): { a: Matrix; g: Matrix; b: Matrix } {
  const points = POINTS[side];
  const powers = (point: number, count: number) => Array.from({ length: count }, (_, p) => point ** p);
  const last = (count: number) => [...new Array<number>(count - 1).fill(0), 1];
  const others = (i: number) => points.filter((_, j) => j !== i);
  const factor = (i: number) => others(i).reduce((product, other) => product * (points[i] - other), 1);
  const squared = (rows: number[][]) => rows.map((row) => row.map((value) => value ** 2));
  return {
    a: squared([...points.map((point) => powers(point, side)), last(side)]),
    g: squared([...points.map((point, i) => powers(point, 3).map((power) => power / factor(i))), last(3)]),
    b: squared([...points.map((_, i) => [...polynomial(others(i)), 0]), polynomial(points)]),
  };
}

/** The root of a matrix's transform of squares, m · t² · mᵀ, row by row: how large the transform of t is where signs are independent. */
function sizeOfTransform(m: Matrix, square: Matrix): number[] {
  const half = m.map((row) => square[0].map((_, s) => row.reduce((sum, factor, r) => sum + factor * square[r][s], 0)));
  return half.flatMap((row) => m.map((other) => Math.sqrt(other.reduce((sum, factor, s) => sum + factor * row[s], 0))));
}

const transposed = (m: Matrix): Matrix => m[0].map((_, j) => m.map((row) => row[j]));

/** Squares of what an array [n, h, w, c] has under a square from (top, left) on, zero beyond its borders. */
function squaresOf(
  x: Numbers,
  [h, w, c]: readonly number[],
  image: number,
  top: number,
  left: number,
  channel: number,
  side: number,
): Matrix {
  return Array.from({ length: side }, (_, r) =>
    Array.from({ length: side }, (_, s) => {
      const [ih, iw] = [top + r, left + s];
      return ih < 0 || iw < 0 || ih >= h || iw >= w ? 0 : x[((image * h + ih) * w + iw) * c + channel] ** 2;
    }),
  );
}

/**
 * How far rounding may take a sum that is made by Winograd's method, from the sizes of what its transforms give: those of two operands at each place of a tile
 * are multiplied and added up, and a matrix of the sums, `back`, transforms them back. A sum of products errs by u·λ·√terms of their sizes (`float32Bound`),
 * independently at each place, so that what is made of all of them errs by the root of the sum of squares: that of the transform back. Roundings in the
 * transforms themselves are counted as terms.
 */
const magnitudesOf = (back: Matrix, side: number, sums: readonly number[]): number[] =>
  sizeOfTransform(
    back,
    Array.from({ length: side }, (_, r) => sums.slice(r * side, (r + 1) * side).map((sum) => sum ** 2)),
  );

/** Sizes of the transformed tiles of an array [n, h, w, c], that begin every `side` pixels from −pad on: of each tile and channel those of its places. */
function transformedTiles(
  m: Matrix,
  x: Numbers,
  size: readonly number[],
  s: Conv2dShape,
  pad: readonly [number, number],
  channels: number,
): number[][] {
  const { side, down, across, tiles } = tilingOf(s);
  const sizes: number[][] = [];
  for (let tile = 0; tile < tiles; tile++) {
    const [left, top, image] = [tile % across, Math.floor(tile / across) % down, Math.floor(tile / (across * down))];
    for (let c = 0; c < channels; c++) {
      sizes.push(
        sizeOfTransform(m, squaresOf(x, size, image, top * side - pad[0], left * side - pad[1], c, m[0].length)),
      );
    }
  }
  return sizes;
}

/** Magnitudes of Y = X ∗ W. `tap`: where the weights of a tap and two channels lie. */
function outputMagnitudes(
  x: Numbers,
  weight: Numbers,
  s: Conv2dShape,
  tap: (k: number, ci: number, co: number) => number,
): Float64Array {
  const { side, down, across, tiles } = tilingOf(s);
  const { a, g, b } = squaredMatrices(side);
  const v = transformedTiles(b, x, [s.h, s.w, s.ci], s, [s.padH, s.padW], s.ci);
  const magnitudes = new Float64Array(s.n * s.oh * s.ow * s.co);
  for (let co = 0; co < s.co; co++) {
    const u = Array.from({ length: s.ci }, (_, ci) =>
      sizeOfTransform(
        g,
        [0, 1, 2].map((r) => [0, 1, 2].map((q) => weight[tap(3 * r + q, ci, co)] ** 2)),
      ),
    );
    for (let tile = 0; tile < tiles; tile++) {
      const sums = u[0].map((_, place) =>
        u.reduce((sum, sizes, ci) => sum + sizes[place] * v[tile * s.ci + ci][place], 0),
      );
      const own = magnitudesOf(transposed(a), side + 2, sums);
      const [left, top, image] = [tile % across, Math.floor(tile / across) % down, Math.floor(tile / (across * down))];
      for (const [i, magnitude] of own.entries()) {
        const [oh, ow] = [top * side + Math.floor(i / side), left * side + (i % side)];
        if (oh < s.oh && ow < s.ow) magnitudes[((image * s.oh + oh) * s.ow + ow) * s.co + co] = magnitude;
      }
    }
  }
  return magnitudes;
}

/** Magnitudes of dW from X and dY. */
function weightGradMagnitudes(x: Numbers, dy: Numbers, s: Conv2dShape): Float64Array {
  const { side, tiles } = tilingOf(s);
  const { a, g, b } = squaredMatrices(side);
  const v = transformedTiles(b, x, [s.h, s.w, s.ci], s, [s.padH, s.padW], s.ci);
  const d = transformedTiles(a, dy, [s.oh, s.ow, s.co], s, [0, 0], s.co);
  const magnitudes = new Float64Array(9 * s.ci * s.co);
  for (let pair = 0; pair < s.ci * s.co; pair++) {
    const [ci, co] = [Math.floor(pair / s.co), pair % s.co];
    const sums = v[0].map((_, place) => {
      let sum = 0;
      for (let tile = 0; tile < tiles; tile++) sum += v[tile * s.ci + ci][place] * d[tile * s.co + co][place];
      return sum;
    });
    for (const [tap, magnitude] of magnitudesOf(transposed(g), side + 2, sums).entries())
      magnitudes[tap * s.ci * s.co + pair] = magnitude;
  }
  return magnitudes;
}

/** What rounding is measured by in the three passes of a convolution that Winograd's method takes, each of them a convolution at stride 1. */
export function winogradBounds(
  x: Numbers,
  weight: Numbers,
  dy: Numbers,
  s: Conv2dShape,
): Record<'y' | 'dx' | 'dw', Required<Pick<Expected, 'magnitudes' | 'terms'>>> {
  const back = backwards(s) as Conv2dShape;
  const y = outputMagnitudes(x, weight, s, (k, ci, co) => (k * s.ci + ci) * s.co + co);
  const dx = outputMagnitudes(dy, weight, back, (k, co, ci) => ((8 - k) * s.ci + ci) * s.co + co);
  return {
    y: { magnitudes: y, terms: s.ci + TRANSFORM_ROUNDINGS },
    dx: { magnitudes: dx, terms: s.co + TRANSFORM_ROUNDINGS },
    dw: { magnitudes: weightGradMagnitudes(x, dy, s), terms: tilingOf(s).tiles + TRANSFORM_ROUNDINGS },
  };
}
