import { chooseRung, type Fits } from '../runtime/choose_rung.ts';
import { type DeviceArray, type Dispatch, elementBytes, type Gpu, type Storage } from '../runtime/gpu.ts';
import { type BlockWork, type Grid, groupsFor, subgroupGrid, tiledGrid } from '../runtime/grid.ts';
import { classOf, type ProductSizes, type RungName, type ShapeClass, tileOf } from '../runtime/rungs.ts';
import type { Tile } from '../runtime/tiles.ts';
import { blocksOf } from './blocks.ts';
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

const isHalf = (storage: Storage) => storage === 'f16';
const inputSize = (s: Conv2dShape) => s.n * s.h * s.w * s.ci;
const outputSize = (s: Conv2dShape) => s.n * s.oh * s.ow * s.co;
/** Elements of X that some window reads: of a stride beyond the kernel not all. */
const readSize = (s: Conv2dShape) => s.n * Math.min(s.h, s.oh * s.kh) * Math.min(s.w, s.ow * s.kw) * s.ci;
/** Of each of the three passes; what meets the padding is counted as if it were computed. */
const flopsOf = (s: Conv2dShape) => 2 * outputSize(s) * s.kh * s.kw * s.ci;
const weightSize = (s: Conv2dShape) => s.kh * s.kw * s.ci * s.co;

/** How a rung computes a pass. */
interface Plan extends Grid {
  shader: string;
  /** Partial results that it writes, to be added up. */
  slices: number;
}

/** The naive kernels are flat, one invocation for each element of the result; the tiled ones own blocks of it. */
function simplePlan(gpu: Gpu, rung: RungName, pass: string, { slices = 1, ...work }: BlockWork): Plan {
  const shader = `${pass}_${rung}`;
  if (rung === 'naive') {
    return { shader, slices, params: {}, invocations: work.rows * work.columns * slices };
  }
  return { shader, slices, ...tiledGrid(4 * gpu.shader(shader).constants.QUADS, { ...work, slices }) };
}

/** What a convolution finishes its sums by: Y = sum + bias[0] where that is all, or bias[1] · sum + bias[0], and then max(Y, 0). */
interface Finish {
  bias?: F32;
  rows: 0 | 1 | 2;
  relu: boolean;
}

const finishBy = (bias: F32 | undefined): Finish => ({ bias, rows: bias ? 1 : 0, relu: false });
const finishParams = ({ rows, relu }: Finish) => ({ has_bias: rows, relu: Number(relu) });

/** The subgroup rung of Y = X ∗ W and its finish, which the input gradient at stride 1 uses too: `turned`, for which CI is a multiple of 4. */
function correlate(operation: string, x: F32, weight: F32, finish: Finish, s: Conv2dShape, turned = false): F32 {
  const { gpu } = x;
  const y = gpu.alloc(outputSize(s), 'f32', operation, x.storage);
  const shader = s.ci % 4 === 0 ? 'conv2d_subgroup' : 'conv2d_subgroup_scalar';
  // A slab of ROWS pixels and a halo, which fits the taps of a row that share it, is filled in turns of LOADS pixels, or of as many as the halo has.
  const { ROWS, HALO = 0, LOADS = HALO } = gpu.shader(shader).constants;
  const grid = subgroupGrid(gpu, ROWS, { rows: s.n * s.oh * s.ow, columns: s.co });
  const sharing = s.strideW === 1 && s.dilationW === 1 && s.ow === s.w && s.kw <= HALO + 1 ? s.kw : 1;
  dispatch(gpu, shader, {
    operation,
    arrays: convolutionArrays(x, weight, finish, y, s),
    bytes: elementBytes(x.storage) * (readSize(s) + weightSize(s) + outputSize(s)),
    constants: grid.constants,
    params: Object.assign(params(s), grid.params, {
      loads: (ROWS + HALO) / LOADS,
      sharing,
      ...finishParams(finish),
      turned: Number(turned),
    }),
    workgroups: grid.workgroups,
    invocations: grid.invocations,
    flops: flopsOf(s),
  });
  return y;
}

/** Bindings of a forward kernel. A binding cannot be empty; where there is no bias the kernel does not read the one that stands for it. */
function convolutionArrays(
  x: F32,
  weight: F32,
  { bias, rows }: Finish,
  y: F32,
  s: Conv2dShape,
  slices = 1,
): Dispatch['arrays'] {
  return {
    x: [x, inputSize(s)],
    weight: [weight, weightSize(s)],
    bias: bias
      ? [bias, rows * s.co]
      : isHalf(x.storage)
        ? [x.gpu.alloc(4, 'f32', 'conv2d'), 4]
        : [weight, weightSize(s)],
    y: [y, slices * outputSize(s)],
  };
}

/** Whether a convolution is the product of pixels × channels with the weights: the plain kernel, which knows no borders, is 1.3 to 1.5 times as fast. */
function isProduct(s: Conv2dShape): boolean {
  const one = s.kh === 1 && s.kw === 1 && s.strideH === 1 && s.strideW === 1;
  return one && s.padH === 0 && s.padW === 0 && s.ci % 4 === 0;
}

/** Blocks of Y, the blocked rung. */
function forwardBlocks({ gpu, storage }: F32, tile: Tile, s: Conv2dShape): Plan {
  const steps = s.kh * s.kw * Math.ceil(s.ci / tile.depth);
  return {
    shader: 'conv2d_blocked',
    ...blocksOf(gpu, tile, { rows: s.n * s.oh * s.ow, columns: s.co, steps, whole: isHalf(storage) }),
  };
}

/** Which rungs take a pass whose result has `columns` channels. The blocked one needs whole vec4s of the `others` too, over which it sums or which its rows are. */
const fitsOf = (columns: number, others: number): Fits => {
  const whole = columns % 4 === 0;
  return { tiled: whole, blocked: whole && others % 4 === 0, subgroup: whole };
};

/** The class of a pass over the input: one of few channels stands apart. */
function classFor(gpu: Gpu, pass: 'conv2d' | 'conv2d-weight-grad', s: Conv2dShape, sizes: ProductSizes): ShapeClass {
  return s.ci % 4 === 0 ? convolutionClass(gpu, pass, s, sizes) : `${pass}-few-channels`;
}

/** Y = X ∗ W + bias. X and W are stored alike, and so is Y; the bias is in float32. */
export function conv2d(x: F32, weight: F32, bias: F32 | undefined, s: Conv2dShape): F32 {
  const sizes = { rows: s.n * s.oh * s.ow, columns: s.co, depth: s.kh * s.kw * s.ci };
  // Matrix products and Winograd's method have no form in half precision.
  const product = !isHalf(x.storage) && isProduct(s) && bias === undefined;
  const rung = forwardRung(x, s, sizes, product);
  if (rung === 'winograd') return winogradConv2d('conv2d', x, weight, bias, s);
  if (product && rung !== 'naive') return matmul(x, weight, { m: sizes.rows, k: s.ci, n: s.co }, 'conv2d', rung);
  return direct(x, weight, finishBy(bias), s, rung);
}

/**
 * Y = factor · (X ∗ W) + offset, and max(Y, 0) where a ReLU follows, in the pass of the convolution. fold: makes [2, CO], the offsets and then the factors. Undefined where
 * the kernel that is chosen cannot do so: the naive one, Winograd's, one that writes its sums in slices, and that of plain products.
 */
export function conv2dScaled(x: F32, weight: F32, fold: () => F32, relu: boolean, s: Conv2dShape): F32 | undefined {
  const sizes = { rows: s.n * s.oh * s.ow, columns: s.co, depth: s.kh * s.kw * s.ci };
  const product = !isHalf(x.storage) && isProduct(s);
  const rung = forwardRung(x, s, sizes, product);
  if (product || rung === 'naive' || rung === 'winograd') return undefined;
  const tile = tileOf(rung);
  if (tile && forwardBlocks(x, tile, s).slices > 1) return undefined;
  return direct(x, weight, { bias: fold(), rows: 2, relu }, s, rung);
}

function forwardRung({ gpu, storage }: F32, s: Conv2dShape, sizes: ProductSizes, product: boolean): RungName {
  const shapeClass = product ? classOf('conv2d-1x1', sizes) : classFor(gpu, 'conv2d', s, sizes);
  return chooseRung(gpu, shapeClass, { ...fitsOf(s.co, s.ci), winograd: !isHalf(storage) && takesWinograd(gpu, s) });
}

/** The convolution on a rung that sums over the window. */
function direct(x: F32, weight: F32, finish: Finish, s: Conv2dShape, rung: RungName): F32 {
  const { gpu } = x;
  if (rung === 'subgroup') return correlate('conv2d', x, weight, finish, s);
  const tile = tileOf(rung);
  const blocks = { rows: s.n * s.oh * s.ow, columns: s.co };
  const plan = tile ? forwardBlocks(x, tile, s) : simplePlan(gpu, rung, 'conv2d', blocks);
  const y = gpu.alloc(plan.slices * outputSize(s), 'f32', 'conv2d', x.storage);
  dispatch(gpu, plan.shader, {
    operation: 'conv2d',
    arrays: convolutionArrays(x, weight, finish, y, s, plan.slices),
    bytes: elementBytes(x.storage) * (readSize(s) + weightSize(s) + plan.slices * outputSize(s)),
    constants: plan.constants,
    params: Object.assign(params(s), plan.params, rung === 'naive' ? { has_bias: finish.rows } : finishParams(finish)),
    workgroups: plan.workgroups,
    invocations: plan.invocations,
    flops: flopsOf(s),
  });
  return sumSlices(y, plan.slices, outputSize(s));
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** Pixels of the input that meet the same taps, those of one remainder by the stride, are taken together: so many phases of so many pixels and taps. */
function phasesOf(s: Conv2dShape) {
  const [tap_step_h, tap_step_w] = [
    s.strideH / commonDivisor(s.strideH, s.dilationH),
    s.strideW / commonDivisor(s.strideW, s.dilationW),
  ];
  return {
    phases: s.strideH * s.strideW,
    rows: s.n * Math.ceil(s.h / s.strideH) * Math.ceil(s.w / s.strideW),
    /** In the phase that has most of them. */
    taps: Math.ceil(s.kh / tap_step_h) * Math.ceil(s.kw / tap_step_w),
    params: { tap_step_h, tap_step_w },
  };
}

/** Shader, grid and slices of an input gradient that is neither a product nor the subgroup rung's convolution. */
function inputGradPlan({ gpu, storage }: F32, rung: RungName, s: Conv2dShape): Plan {
  const pass = 'conv2d_input_grad';
  if (rung === 'naive') return simplePlan(gpu, rung, pass, { rows: s.n * s.h * s.w, columns: s.ci });
  const { phases, rows, taps, params } = phasesOf(s);
  const tile = tileOf(rung);
  if (tile) {
    const steps = taps * Math.ceil(s.co / tile.depth);
    const blocks = blocksOf(gpu, tile, { rows, columns: s.ci, steps, phases, whole: isHalf(storage) });
    return { shader: `${pass}_blocked`, ...blocks, params: { ...params, ...blocks.params } };
  }
  const work = { rows, columns: s.ci, slices: phases };
  const shader = `${pass}_${rung}`;
  const { QUADS, ROWS } = gpu.shader(shader).constants;
  const grid = rung === 'tiled' ? tiledGrid(4 * QUADS, work) : subgroupGrid(gpu, ROWS, work);
  return { shader, slices: 1, ...grid, params: { ...params, ...grid.params } };
}

/** dX from dY and W, which are stored alike, and so is dX. */
export function conv2dInputGrad(dy: F32, weight: F32, s: Conv2dShape): F32 {
  const { gpu } = dy;
  const operation = 'conv2dInputGrad';
  const product = isProduct(s) && !isHalf(dy.storage);
  const convolution = backwards(s);
  // The phases of the subgroup rung take each of their taps stride pixels after the one before.
  const dense = s.dilationH === 1 && s.dilationW === 1;
  const sizes = { rows: s.n * s.h * s.w, columns: s.ci, depth: s.kh * s.kw * s.co };
  const fits = fitsOf(s.ci, s.co);
  const shapeClass = product
    ? classOf('conv2d-1x1', sizes)
    : convolutionClass(gpu, 'conv2d-input-grad', convolution ?? s, sizes);
  const rung = chooseRung(gpu, shapeClass, {
    ...fits,
    subgroup: fits.blocked && (dense || convolution !== undefined),
    winograd: !isHalf(dy.storage) && convolution !== undefined && takesWinograd(gpu, convolution),
  });
  // It fits where there is such a convolution alone.
  if (rung === 'winograd') return winogradConv2d(operation, dy, weight, undefined, convolution as Conv2dShape, true);
  if (product && rung !== 'naive') {
    return matmul(dy, weight, { m: sizes.rows, k: s.co, n: s.ci, transposeB: true }, operation, rung);
  }
  if (rung === 'subgroup' && convolution)
    return correlate(operation, dy, weight, finishBy(undefined), convolution, true);
  const { shader, slices, ...plan } = inputGradPlan(dy, rung, s);
  const dx = gpu.alloc(slices * inputSize(s), 'f32', operation, dy.storage);
  const turned = rung === 'naive' || rung === 'subgroup' ? weight : transpose(weight, s.kh * s.kw, s.ci, s.co);
  dispatch(gpu, shader, {
    operation,
    arrays: { dy: [dy, outputSize(s)], weight: [turned, weightSize(s)], dx: [dx, slices * inputSize(s)] },
    constants: plan.constants,
    params: Object.assign(params(s), plan.params),
    workgroups: plan.workgroups,
    invocations: plan.invocations,
    flops: flopsOf(s),
  });
  if (turned !== weight) gpu.drop(turned);
  return sumSlices(dx, slices, inputSize(s));
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
function weightGradPlan(gpu: Gpu, rung: RungName, s: Conv2dShape): Plan {
  const work = { rows: s.kh * s.kw * s.ci, columns: s.co };
  if (rung === 'subgroup') {
    const { shader, blocks, loads } = subgroupWeightGrad(gpu, s);
    const { span } = subgroupGrid(gpu, 1, { rows: 1, columns: s.co }).params;
    const cut = slicesFor(gpu, s, blocks * Math.ceil(s.co / (4 * span)) * span);
    // A group of lanes takes one block of one slice.
    const grid = subgroupGrid(gpu, 1, { rows: blocks * cut.slices, columns: s.co });
    return { shader, ...grid, slices: cut.slices, params: { ...grid.params, ...cut, loads } };
  }
  const tile = tileOf(rung);
  if (tile) {
    const [across, down] = [Math.ceil(work.columns / tile.columns), Math.ceil(work.rows / tile.rows)];
    const cut = slicesFor(gpu, s, across * down * tile.invocations);
    const workgroups = [across, down, cut.slices] as const;
    return { shader: 'conv2d_weight_grad_blocked', constants: tile.constants, workgroups, ...cut, params: cut };
  }
  const shader = `conv2d_weight_grad_${rung}`;
  const [across, down = 1] = simplePlan(gpu, rung, 'conv2d_weight_grad', work).workgroups ?? [
    groupsFor(gpu, shader, weightSize(s)),
  ];
  const cut = slicesFor(gpu, s, 32 * across * down);
  const plan = simplePlan(gpu, rung, 'conv2d_weight_grad', { ...work, slices: cut.slices });
  return { ...plan, params: { ...plan.params, ...cut } };
}

/** dW from X and dY, which are stored alike; in float32. */
export function conv2dWeightGrad(x: F32, dy: F32, s: Conv2dShape): F32 {
  const { gpu } = x;
  const weights = weightSize(s);
  const sizes = { rows: s.kh * s.kw * s.ci, columns: s.co, depth: s.n * s.oh * s.ow };
  const shapeClass = classFor(gpu, 'conv2d-weight-grad', s, sizes);
  const rung = chooseRung(gpu, shapeClass, {
    ...fitsOf(s.co, s.ci),
    winograd: !isHalf(x.storage) && takesWinograd(gpu, s),
  });
  if (rung === 'winograd') return winogradWeightGrad('conv2dWeightGrad', x, dy, s);
  const { shader, slices, ...plan } = weightGradPlan(gpu, rung, s);
  const partial = gpu.alloc(slices * weights, 'f32', 'conv2dWeightGrad');
  dispatch(gpu, shader, {
    operation: 'conv2dWeightGrad',
    arrays: { x: [x, inputSize(s)], dy: [dy, outputSize(s)], dw: [partial, slices * weights] },
    bytes: elementBytes(x.storage) * (readSize(s) + outputSize(s)) + 4 * slices * weights,
    constants: plan.constants,
    params: Object.assign(params(s), plan.params),
    workgroups: plan.workgroups,
    invocations: plan.invocations,
    flops: flopsOf(s),
  });
  return sumSlices(partial, slices, weights);
}

/** dbias = Σ over pixels of dY. */
export function conv2dBiasGrad(dy: F32, s: Conv2dShape): F32 {
  return reduceSum(dy, { outer: 1, repeat: s.n * s.oh * s.ow, inner: s.co });
}
