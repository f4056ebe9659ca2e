import { chooseRung } from '../runtime/choose_rung.ts';
import type { DeviceArray, Dispatch, Gpu } from '../runtime/gpu.ts';
import { type BlockWork, type Grid, groupsFor, subgroupGrid, tiledGrid } from '../runtime/grid.ts';
import type { Rung } from '../runtime/rungs.ts';
import { reduceSum } from './broadcast.ts';
import { backwards, type Conv2dShape } from './conv2d_shape.ts';
import { dispatch } from './dispatch.ts';
import { matmul, transpose } from './matmul.ts';
import { sumSlices, weightGradSlices } from './weight_slices.ts';
import { convolutionClass, takesWinograd, winogradConv2d, winogradWeightGrad } from './winograd.ts';

type F32 = DeviceArray<'f32'>;

export type { Conv2dShape };

/**
 * The sizes as the shaders name them. A new object, to which Object.assign adds: of a literal that spreads several objects V8 makes a hidden class each
 * time, which only the slow passes of the garbage collector remove.
 */
function params(s: Conv2dShape): Record<string, number> {
  const { n, h, w, ci, oh, ow, co, kh, kw, strideH: stride_h, strideW: stride_w, padH: pad_h, padW: pad_w } = s;
  const [dilation_h, dilation_w] = [s.dilationH, s.dilationW];
  return { n, h, w, ci, oh, ow, co, kh, kw, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w };
}

const inputSize = (s: Conv2dShape) => s.n * s.h * s.w * s.ci;
const outputSize = (s: Conv2dShape) => s.n * s.oh * s.ow * s.co;
/** Elements of X that some window reads: of a stride beyond the kernel not all. */
const readSize = (s: Conv2dShape) => s.n * Math.min(s.h, s.oh * s.kh) * Math.min(s.w, s.ow * s.kw) * s.ci;
/** Of each of the three passes; what meets the padding is counted as if it were computed. */
const flopsOf = (s: Conv2dShape) => 2 * outputSize(s) * s.kh * s.kw * s.ci;
const weightSize = (s: Conv2dShape) => s.kh * s.kw * s.ci * s.co;

/** The grid of a rung's shader: the naive kernels are flat, one invocation for each element of the result; the others own blocks of it. */
function gridFor(gpu: Gpu, rung: Rung, shader: string, work: BlockWork): Grid {
  const { QUADS, ROWS } = gpu.shader(shader).constants;
  if (rung === 'tiled') return tiledGrid(4 * QUADS, work);
  if (rung === 'subgroup') return subgroupGrid(gpu, ROWS, work);
  return { params: {}, invocations: work.rows * work.columns * (work.slices ?? 1) };
}

/** The subgroup rung of Y = X ∗ W + bias, which the input gradient at stride 1 uses too: `turned`, for which CI is a multiple of 4. */
function correlate(operation: string, x: F32, weight: F32, bias: F32 | undefined, s: Conv2dShape, turned = false): F32 {
  const { gpu } = x;
  const y = gpu.alloc(outputSize(s), 'f32', operation);
  const shader = s.ci % 4 === 0 ? 'conv2d_subgroup' : 'conv2d_subgroup_scalar';
  // A slab of ROWS pixels and a halo, which fits the taps of a row that share it, is filled in turns of LOADS pixels, or of as many as the halo has.
  const { ROWS, HALO = 0, LOADS = HALO } = gpu.shader(shader).constants;
  const grid = subgroupGrid(gpu, ROWS, { rows: s.n * s.oh * s.ow, columns: s.co });
  const sharing = s.strideW === 1 && s.dilationW === 1 && s.ow === s.w && s.kw <= HALO + 1 ? s.kw : 1;
  dispatch(gpu, shader, {
    operation,
    arrays: convolutionArrays(x, weight, bias, y, s),
    bytes: 4 * (readSize(s) + weightSize(s) + outputSize(s)),
    constants: grid.constants,
    params: Object.assign(params(s), grid.params, {
      loads: (ROWS + HALO) / LOADS,
      sharing,
      has_bias: bias ? 1 : 0,
      turned: Number(turned),
    }),
    workgroups: grid.workgroups,
    invocations: grid.invocations,
    flops: flopsOf(s),
  });
  return y;
}

/** Bindings of a forward kernel. A binding cannot be empty; where there is no bias the kernel does not read the one that stands for it. */
function convolutionArrays(x: F32, weight: F32, bias: F32 | undefined, y: F32, s: Conv2dShape): Dispatch['arrays'] {
  return {
    x: [x, inputSize(s)],
    weight: [weight, weightSize(s)],
    bias: bias ? [bias, s.co] : [weight, weightSize(s)],
    y: [y, outputSize(s)],
  };
}

/** Whether a convolution is the product of pixels × channels with the weights: the plain kernel, which knows no borders, is 1.3 to 1.5 times as fast. */
function isProduct(s: Conv2dShape): boolean {
  const one = s.kh === 1 && s.kw === 1 && s.strideH === 1 && s.strideW === 1;
  return one && s.padH === 0 && s.padW === 0 && s.ci % 4 === 0;
}

/** Y = X ∗ W + bias. */
export function conv2d(x: F32, weight: F32, bias: F32 | undefined, s: Conv2dShape): F32 {
  const { gpu } = x;
  const shapeClass = s.ci % 4 === 0 ? convolutionClass(gpu, 'conv2d', s, s.co) : 'conv2d-few-channels';
  const quads = s.co % 4 === 0;
  const rung = chooseRung(gpu, shapeClass, { tiled: quads, subgroup: quads, winograd: takesWinograd(gpu, s) });
  if (rung === 'winograd') return winogradConv2d('conv2d', x, weight, bias, s);
  if (rung === 'subgroup' && isProduct(s) && !bias) {
    return matmul(x, weight, { m: s.n * s.h * s.w, k: s.ci, n: s.co }, 'conv2d');
  }
  if (rung === 'subgroup') return correlate('conv2d', x, weight, bias, s);
  const y = gpu.alloc(outputSize(s), 'f32', 'conv2d');
  const shader = rung === 'tiled' ? 'conv2d_tiled' : 'conv2d_naive';
  const grid = gridFor(gpu, rung, shader, { rows: s.n * s.oh * s.ow, columns: s.co });
  dispatch(gpu, shader, {
    operation: 'conv2d',
    arrays: convolutionArrays(x, weight, bias, y, s),
    bytes: 4 * (readSize(s) + weightSize(s) + outputSize(s)),
    constants: grid.constants,
    params: Object.assign(params(s), grid.params, { has_bias: bias ? 1 : 0 }),
    workgroups: grid.workgroups,
    invocations: grid.invocations,
    flops: flopsOf(s),
  });
  return y;
}

const INPUT_GRADS: Readonly<Record<Exclude<Rung, 'winograd'>, string>> = {
  naive: 'conv2d_input_grad_naive',
  tiled: 'conv2d_input_grad_tiled',
  subgroup: 'conv2d_input_grad_subgroup',
};

/** dX from dY and W. */
export function conv2dInputGrad(dy: F32, weight: F32, s: Conv2dShape): F32 {
  const { gpu } = dy;
  const convolution = backwards(s);
  // The phases of the subgroup rung take each of their taps stride pixels after the one before.
  const phases = s.dilationH === 1 && s.dilationW === 1;
  const rung = chooseRung(gpu, convolutionClass(gpu, 'conv2d-input-grad', convolution ?? s, s.ci), {
    tiled: s.ci % 4 === 0,
    subgroup: s.ci % 4 === 0 && s.co % 4 === 0 && (phases || convolution !== undefined),
    winograd: convolution !== undefined && takesWinograd(gpu, convolution),
  });
  // It fits where there is such a convolution alone.
  if (rung === 'winograd')
    return winogradConv2d('conv2dInputGrad', dy, weight, undefined, convolution as Conv2dShape, true);
  if (rung === 'subgroup' && isProduct(s)) {
    return matmul(dy, weight, { m: s.n * s.h * s.w, k: s.co, n: s.ci, transposeB: true }, 'conv2dInputGrad');
  }
  if (rung === 'subgroup' && convolution) return correlate('conv2dInputGrad', dy, weight, undefined, convolution, true);
  const dx = gpu.alloc(inputSize(s), 'f32', 'conv2dInputGrad');
  // The subgroup rung takes the pixels that meet the same taps together: stride_h · stride_w phases.
  const pixels = rung === 'subgroup' ? s.n * Math.ceil(s.h / s.strideH) * Math.ceil(s.w / s.strideW) : s.n * s.h * s.w;
  const slices = rung === 'subgroup' ? s.strideH * s.strideW : 1;
  const grid = gridFor(gpu, rung, INPUT_GRADS[rung], { rows: pixels, columns: s.ci, slices });
  const turned = rung === 'tiled' ? transpose(weight, s.kh * s.kw, s.ci, s.co) : weight;
  dispatch(gpu, INPUT_GRADS[rung], {
    operation: 'conv2dInputGrad',
    arrays: { dy: [dy, outputSize(s)], weight: [turned, weightSize(s)], dx: [dx, inputSize(s)] },
    constants: grid.constants,
    params: Object.assign(params(s), grid.params),
    workgroups: grid.workgroups,
    invocations: grid.invocations,
    flops: flopsOf(s),
  });
  if (turned !== weight) gpu.drop(turned);
  return dx;
}

/** Pixels of a slice at least, so that the sum over them outweighs adding the slices up. */
const LEAST_SLICE_PIXELS = 128;

/** How to cut the pixels so that the device has enough to do at once, in little memory; `invocations`: those that one slice occupies. */
function slicesFor(gpu: Gpu, s: Conv2dShape, invocations: number): { slices: number; slice_pixels: number } {
  const pixels = s.n * s.oh * s.ow;
  const most = Math.ceil(pixels / LEAST_SLICE_PIXELS);
  const slice_pixels = Math.ceil(pixels / weightGradSlices(gpu, weightSize(s), invocations, most));
  return { slices: Math.ceil(pixels / slice_pixels), slice_pixels };
}

/** The shader of the subgroup rung of a weight gradient, how many blocks of taps it cuts dW into, and the turns of its loads. */
function subgroupWeightGrad(gpu: Gpu, s: Conv2dShape): { shader: string; blocks: number; loads: number } {
  const taps = s.kh * s.kw * s.ci;
  if (s.ci % 4 !== 0) {
    const shader = 'conv2d_weight_grad_subgroup_scalar';
    const { TAPS, LOADS } = gpu.shader(shader).constants;
    return { shader, blocks: Math.ceil(taps / TAPS), loads: TAPS / LOADS };
  }
  // Rows of three taps × 16 channels share what they load; narrower inputs would leave most of it idle.
  const row = s.ci > 8 && s.kw === 3 && s.strideW === 1 && s.ow === s.w && s.dilationH === 1 && s.dilationW === 1;
  if (row) {
    const shader = 'conv2d_weight_grad_subgroup_row';
    return { shader, blocks: s.kh * Math.ceil(s.ci / (4 * gpu.shader(shader).constants.QUADS)), loads: 0 };
  }
  const shader = 'conv2d_weight_grad_subgroup';
  const { QUADS, LOADS } = gpu.shader(shader).constants;
  return { shader, blocks: Math.ceil(taps / (4 * QUADS)), loads: QUADS / LOADS };
}

/** The shader, grid and slices of a weight gradient. */
function weightGradPlan(gpu: Gpu, rung: Rung, s: Conv2dShape) {
  if (rung === 'subgroup') {
    const { shader, blocks, loads } = subgroupWeightGrad(gpu, s);
    const { span } = subgroupGrid(gpu, 1, { rows: 1, columns: s.co }).params;
    const cut = slicesFor(gpu, s, blocks * Math.ceil(s.co / (4 * span)) * span);
    // A group of lanes takes one block of one slice.
    const grid = subgroupGrid(gpu, 1, { rows: blocks * cut.slices, columns: s.co });
    return { shader, grid, cut, loads };
  }
  const shader = rung === 'tiled' ? 'conv2d_weight_grad_tiled' : 'conv2d_weight_grad_naive';
  const work = { rows: s.kh * s.kw * s.ci, columns: s.co };
  const [across, down = 1] = gridFor(gpu, rung, shader, work).workgroups ?? [groupsFor(gpu, shader, weightSize(s))];
  const cut = slicesFor(gpu, s, 32 * across * down);
  const grid = gridFor(gpu, rung, shader, { ...work, slices: cut.slices });
  return { shader, grid, cut, loads: 0 };
}

/** dW from X and dY. */
export function conv2dWeightGrad(x: F32, dy: F32, s: Conv2dShape): F32 {
  const { gpu } = x;
  const weights = weightSize(s);
  const shapeClass =
    s.ci % 4 === 0 ? convolutionClass(gpu, 'conv2d-weight-grad', s, s.co) : 'conv2d-weight-grad-few-channels';
  const quads = s.co % 4 === 0;
  const rung = chooseRung(gpu, shapeClass, { tiled: quads, subgroup: quads, winograd: takesWinograd(gpu, s) });
  if (rung === 'winograd') return winogradWeightGrad('conv2dWeightGrad', x, dy, s);
  const { shader, grid, cut, loads } = weightGradPlan(gpu, rung, s);
  const { slices } = cut;
  const partial = gpu.alloc(slices * weights, 'f32', 'conv2dWeightGrad');
  dispatch(gpu, shader, {
    operation: 'conv2dWeightGrad',
    arrays: { x: [x, inputSize(s)], dy: [dy, outputSize(s)], dw: [partial, slices * weights] },
    bytes: 4 * (readSize(s) + outputSize(s) + slices * weights),
    constants: grid.constants,
    params: Object.assign(params(s), grid.params, cut, { loads }),
    workgroups: grid.workgroups,
    invocations: grid.invocations,
    flops: flopsOf(s),
  });
  return sumSlices(partial, slices, weights);
}

/** dbias = Σ over pixels of dY. */
export function conv2dBiasGrad(dy: F32, s: Conv2dShape): F32 {
  return reduceSum(dy, { outer: 1, repeat: s.n * s.oh * s.ow, inner: s.co });
}
