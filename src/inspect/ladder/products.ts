import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from '../../kernels/conv2d.ts';
import { backwards } from '../../kernels/conv2d_shape.ts';
import { matmul } from '../../kernels/matmul.ts';
import { takesWinograd } from '../../kernels/winograd.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import type { Ladder, LadderRung } from './ladder.ts';
import { layerText, shapeOf } from './layer.ts';
import { loadsOfProduct, loadsOfWinograd, type SharedSizes } from './loads.ts';

type F32 = DeviceArray<'f32'>;
type Numbers = Float32Array;

const rungs = (gpu: Gpu, sizes: SharedSizes, run: (a: F32, b: F32) => F32): LadderRung[] =>
  (['naive', 'tiled', 'blocked', 'subgroup'] as const).map((rung) => ({
    ...{ name: rung, forced: rung, run: ([a, b]) => run(a, b) },
    loads: (shader) => loadsOfProduct(gpu, shader, sizes),
  }));

/** C = A · B, [M, K] · [K, N]. */
export function matmulLadder(gpu: Gpu, [m, k, n]: readonly number[]): Ladder {
  return {
    ...{ shape: `[${m}, ${k}] · [${k}, ${n}]`, flops: 2 * m * n * k, bytes: 4 * (m * k + k * n + m * n) },
    ...{ inputs: [m * k, k * n], terms: k },
    rungs: rungs(gpu, { columns: n, sharing: 1 }, (a, b) => matmul(a, b, { m, n, k })),
    expected: ([a, b], at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + column];
      return sum;
    },
  };
}

/** One of the three passes of a convolution: its arrays, and how the result is computed. */
interface Pass {
  /** Elements of its two inputs, by the shape. */
  inputs(sizes: { x: number; y: number; w: number }): [number, number];
  /** Terms of the sum that an element of its result is. */
  terms(s: Conv2dShape): number;
  /** Columns of its result as a matrix. */
  columns(s: Conv2dShape): number;
  /** The convolution that it is, where it is one. */
  convolution?(s: Conv2dShape): Conv2dShape | undefined;
  run(a: F32, b: F32, s: Conv2dShape): F32;
  expected(a: Numbers, b: Numbers, at: number, s: Conv2dShape): number;
}

/** Where a tap of an output pixel lies in X, as the index of the pixel in all images; undefined beyond the borders. */
function pixelOf(s: Conv2dShape, n: number, oh: number, ow: number, kh: number, kw: number): number | undefined {
  const ih = oh * s.strideH + kh - s.padH;
  const iw = ow * s.strideW + kw - s.padW;
  return ih < 0 || iw < 0 || ih >= s.h || iw >= s.w ? undefined : (n * s.h + ih) * s.w + iw;
}

const FORWARD: Pass = {
  convolution: (s) => s,
  inputs: ({ x, w }) => [x, w],
  terms: (s) => s.kh * s.kw * s.ci,
  columns: (s) => s.co,
  run: (x, weight, s) => conv2d(x, weight, undefined, s),
  expected: (x, weight, at, s) => {
    const [co, p] = [at % s.co, Math.floor(at / s.co)];
    const [ow, oh, n] = [p % s.ow, Math.floor(p / s.ow) % s.oh, Math.floor(p / (s.ow * s.oh))];
    let sum = 0;
    for (let tap = 0; tap < s.kh * s.kw; tap++) {
      const pixel = pixelOf(s, n, oh, ow, Math.floor(tap / s.kw), tap % s.kw);
      if (pixel === undefined) continue;
      for (let ci = 0; ci < s.ci; ci++) sum += x[pixel * s.ci + ci] * weight[(tap * s.ci + ci) * s.co + co];
    }
    return sum;
  },
};

const INPUT_GRAD: Pass = {
  convolution: backwards,
  inputs: ({ y, w }) => [y, w],
  terms: (s) => s.kh * s.kw * s.co,
  columns: (s) => s.ci,
  run: (dy, weight, s) => conv2dInputGrad(dy, weight, s),
  // All outputs are asked whether they met the pixel: slow, and unlike what the kernels do.
  expected: (dy, weight, at, s) => {
    const [ci, own] = [at % s.ci, Math.floor(at / s.ci)];
    const n = Math.floor(own / (s.h * s.w));
    let sum = 0;
    for (let tap = 0; tap < s.kh * s.kw; tap++) {
      for (let p = 0; p < s.oh * s.ow; p++) {
        const [oh, ow] = [Math.floor(p / s.ow), p % s.ow];
        if (pixelOf(s, n, oh, ow, Math.floor(tap / s.kw), tap % s.kw) !== own) continue;
        const first = (n * s.oh * s.ow + p) * s.co;
        for (let co = 0; co < s.co; co++) sum += dy[first + co] * weight[(tap * s.ci + ci) * s.co + co];
      }
    }
    return sum;
  },
};

const WEIGHT_GRAD: Pass = {
  inputs: ({ x, y }) => [x, y],
  terms: (s) => s.n * s.oh * s.ow,
  columns: (s) => s.co,
  run: (x, dy, s) => conv2dWeightGrad(x, dy, s),
  expected: (x, dy, at, s) => {
    const [co, ci, tap] = [at % s.co, Math.floor(at / s.co) % s.ci, Math.floor(at / (s.co * s.ci))];
    let sum = 0;
    for (let p = 0; p < s.n * s.oh * s.ow; p++) {
      const [ow, oh, n] = [p % s.ow, Math.floor(p / s.ow) % s.oh, Math.floor(p / (s.ow * s.oh))];
      const pixel = pixelOf(s, n, oh, ow, Math.floor(tap / s.kw), tap % s.kw);
      if (pixel !== undefined) sum += x[pixel * s.ci + ci] * dy[p * s.co + co];
    }
    return sum;
  },
};

const passLadder =
  (pass: Pass) =>
  (gpu: Gpu, [batch, size, from, to, kernel, stride]: readonly number[]): Ladder => {
    const s = shapeOf({ batch, size, from, to, kernel, stride });
    const [x, y, w] = [s.n * s.h * s.w * s.ci, s.n * s.oh * s.ow * s.co, s.kh * s.kw * s.ci * s.co];
    // Taps of a row share a slab where a step in the output is one in the input; see `conv2d_subgroup.wgsl`.
    const sizes = { columns: pass.columns(s), sharing: stride === 1 && s.ow === s.w && s.kw <= 5 ? s.kw : 1 };
    const tiled = pass.convolution ? pass.convolution(s) : s;
    const winograd: LadderRung = {
      ...{ name: 'winograd', forced: 'winograd', shader: 'winograd_input', run: ([a, b]) => pass.run(a, b, s) },
      loads: () => loadsOfWinograd(gpu, tiled ?? s, pass === WEIGHT_GRAD),
    };
    return {
      shape: `${batch}×${size}×${size} ${from}→${to} ${layerText({ batch, size, from, to, kernel, stride })}`,
      ...{ flops: 2 * y * s.kh * s.kw * s.ci, bytes: 4 * (x + y + w), inputs: pass.inputs({ x, y, w }) },
      terms: pass.terms(s),
      rungs: [
        ...rungs(gpu, sizes, (a, b) => pass.run(a, b, s)),
        ...(tiled && takesWinograd(gpu, tiled) ? [winograd] : []),
      ],
      expected: ([a, b], at) => pass.expected(a, b, at, s),
    };
  };

/** Y = X ∗ W. */
export const conv2dLadder = passLadder(FORWARD);
/** dX from dY and W. */
export const conv2dInputGradLadder = passLadder(INPUT_GRAD);
/** dW from X and dY. */
export const conv2dWeightGradLadder = passLadder(WEIGHT_GRAD);
