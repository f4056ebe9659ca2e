import { chooseRung } from '../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { subgroupGrid } from '../runtime/grid.ts';
import { classOf, type ProductSizes, type ShapeClass } from '../runtime/rungs.ts';
import { batchedMatmul } from './batched_matmul.ts';
import type { Conv2dShape } from './conv2d_shape.ts';
import { dispatch } from './dispatch.ts';
import { weightGradSlices } from './weight_slices.ts';

type F32 = DeviceArray<'f32'>;

/** Outputs of a tile in each dimension: F(2×2, 3×3) or F(4×4, 3×3). See `winograd_input.wgsl`. */
type Side = 2 | 4;

/** Operations of a transform of one row or column of a tile, counted from the shaders. */
const STEPS = {
  2: { weight: 5, input: 4, output: 4, outputGrad: 2, weightGrad: 6 },
  4: { weight: 15, input: 22, output: 16, outputGrad: 14, weightGrad: 18 },
} as const;

/** The tiles of a convolution's outputs. */
export interface Tiling {
  side: Side;
  /** Places in a transformed tile. */
  places: number;
  /** Tiles of an image. */
  down: number;
  across: number;
  /** Of all images. */
  tiles: number;
}

/** The outputs cut into tiles, of the size that leaves fewer products; where both leave as many, 2×2, whose rounding errors are smaller. */
export function tilingOf({ n, oh, ow }: Pick<Conv2dShape, 'n' | 'oh' | 'ow'>): Tiling {
  const cut = (side: Side): Tiling => {
    const [down, across] = [Math.ceil(oh / side), Math.ceil(ow / side)];
    return { side, places: (side + 2) ** 2, down, across, tiles: n * down * across };
  };
  const [small, large] = [cut(2), cut(4)];
  return large.places * large.tiles < small.places * small.tiles ? large : small;
}

/** Whether Winograd's method takes a convolution: 3×3, stride 1, dilation 1, whole vec4s of channels, and arrays that the device has room for. */
export function takesWinograd(gpu: Gpu, s: Conv2dShape): boolean {
  const plain =
    s.kh === 3 && s.kw === 3 && s.strideH === 1 && s.strideW === 1 && s.dilationH === 1 && s.dilationW === 1;
  if (!plain || s.ci % 4 !== 0 || s.co % 4 !== 0) return false;
  const { places, tiles } = tilingOf(s);
  // Padded to whole slices, at most by one for each 64 tiles.
  const largest = 4 * places * Math.max((tiles + Math.ceil(tiles / 64)) * Math.max(s.ci, s.co), s.ci * s.co);
  return tiles * s.ci * s.co > 0 && largest <= gpu.limits.arrayBytes;
}

/** Channels, and tiles, from which on Winograd's method is worth measuring: fewer leave the products small beside the transforms. */
const LEAST = { channels: 128, tiles: 64 };

/** The class of one pass of a convolution, which as a product has these sizes; see `SHAPE_CLASSES`. */
export function convolutionClass<Pass extends 'conv2d' | 'conv2d-input-grad' | 'conv2d-weight-grad'>(
  gpu: Gpu,
  pass: Pass,
  s: Conv2dShape,
  sizes: ProductSizes,
): ShapeClass {
  const wide = Math.min(s.ci, s.co) >= LEAST.channels && tilingOf(s).tiles >= LEAST.tiles;
  return wide && takesWinograd(gpu, s) ? `${pass}-3x3` : classOf(pass, sizes);
}

/** U = G·W·Gᵀ, [places, ci, co]. reversed: of the taps in reversed order. */
function transformWeights(
  operation: string,
  weight: F32,
  s: Conv2dShape,
  { side, places }: Tiling,
  reversed: boolean,
): F32 {
  const { gpu } = weight;
  const pairs = s.ci * s.co;
  const u = gpu.alloc(places * pairs, 'f32', operation);
  dispatch(gpu, 'winograd_weight', {
    operation,
    arrays: { weight: [weight, 9 * pairs], u: [u, places * pairs] },
    constants: { SIDE: side },
    params: { count: pairs / 4, reversed: Number(reversed), rows: side + 2 },
    invocations: pairs / 4,
    flops: pairs * STEPS[side].weight * (side + 5),
  });
  return u;
}

/** V = Bᵀ·X·B, [places, tiles, ci]. tiles: as many as the array is to have, those beyond the tiling's are zero. */
function transformInput(
  operation: string,
  x: F32,
  s: Conv2dShape,
  { side, places, down, across }: Tiling,
  tiles: number,
): F32 {
  const { gpu } = x;
  const { n, h, w, ci, padH: pad_h, padW: pad_w } = s;
  const v = gpu.alloc(places * tiles * ci, 'f32', operation);
  dispatch(gpu, 'winograd_input', {
    operation,
    arrays: { x: [x, n * h * w * ci], v: [v, places * tiles * ci] },
    constants: { SIDE: side },
    params: { count: (tiles * ci) / 4, tiles, n, h, w, ci, down, across, pad_h, pad_w, rows: side + 2 },
    invocations: (tiles * ci) / 4,
    flops: tiles * ci * STEPS[side].input * 2 * (side + 2),
  });
  return v;
}

/** M[p] = V[p] · U[p] for each place. turned: U lies as [places, co, ci]. */
function products(operation: string, v: F32, u: F32, s: Conv2dShape, { places, tiles }: Tiling, turned: boolean): F32 {
  const { gpu } = v;
  const sizes = { batch: places, m: tiles, n: s.co, k: s.ci, transposeB: turned };
  const rung = chooseRung(gpu, classOf('matmul', { rows: tiles, columns: s.co, depth: s.ci }), { subgroup: true });
  if (rung !== 'subgroup') return batchedMatmul(v, u, sizes);
  const m = gpu.alloc(places * tiles * s.co, 'f32', operation);
  const { ROWS, LOADS } = gpu.shader('matmul_subgroup').constants;
  const grid = subgroupGrid(gpu, ROWS, { rows: tiles, columns: s.co, slices: places });
  dispatch(gpu, 'matmul_subgroup', {
    operation,
    arrays: { a: [v, places * tiles * s.ci], b: [u, places * s.ci * s.co], c: [m, places * tiles * s.co] },
    constants: grid.constants,
    params: Object.assign({ m: tiles, n: s.co, k: s.ci, loads: ROWS / LOADS, turned: Number(turned) }, grid.params),
    workgroups: grid.workgroups,
    flops: 2 * places * tiles * s.ci * s.co,
  });
  return m;
}

/** Y = Aᵀ·M·A + bias. */
function transformOutput(operation: string, m: F32, bias: F32 | undefined, s: Conv2dShape, tiling: Tiling): F32 {
  const { gpu } = m;
  const { side, places, down, across, tiles } = tiling;
  const { n, oh, ow, co } = s;
  const y = gpu.alloc(n * oh * ow * co, 'f32', operation);
  dispatch(gpu, 'winograd_output', {
    operation,
    // A binding cannot be empty; where there is no bias the kernel does not read the one that stands for it.
    arrays: {
      m: [m, places * tiles * co],
      bias: bias ? [bias, co] : [m, places * tiles * co],
      y: [y, n * oh * ow * co],
    },
    bytes: 4 * (places * tiles * co + n * oh * ow * co),
    constants: { SIDE: side },
    params: { count: (tiles * co) / 4, tiles, oh, ow, co, down, across, has_bias: bias ? 1 : 0, rows: side + 2 },
    invocations: (tiles * co) / 4,
    flops: tiles * co * STEPS[side].output * (2 * side + 2),
  });
  return y;
}

/**
 * Y = X ∗ W + bias, of sizes that `takesWinograd`. inputGrad: the weights are those of the convolution whose input gradient this is, [3, 3, co, ci], and
 * their taps come in reversed order.
 */
export function winogradConv2d(
  operation: string,
  x: F32,
  weight: F32,
  bias: F32 | undefined,
  s: Conv2dShape,
  inputGrad = false,
): F32 {
  const { gpu } = x;
  const tiling = tilingOf(s);
  const u = transformWeights(operation, weight, s, tiling, inputGrad);
  const v = transformInput(operation, x, s, tiling, tiling.tiles);
  const m = products(operation, v, u, s, tiling, inputGrad);
  gpu.drop(u);
  gpu.drop(v);
  const y = transformOutput(operation, m, bias, s, tiling);
  gpu.drop(m);
  return y;
}

/** D = A·dY·Aᵀ, [places, tiles, co]; tiles: as for `transformInput`. */
function transformOutputGrad(
  operation: string,
  dy: F32,
  s: Conv2dShape,
  { side, places, down, across }: Tiling,
  tiles: number,
): F32 {
  const { gpu } = dy;
  const { n, oh, ow, co } = s;
  const d = gpu.alloc(places * tiles * co, 'f32', operation);
  dispatch(gpu, 'winograd_output_grad', {
    operation,
    arrays: { dy: [dy, n * oh * ow * co], d: [d, places * tiles * co] },
    constants: { SIDE: side },
    params: { count: (tiles * co) / 4, tiles, n, oh, ow, co, down, across, rows: side + 2 },
    invocations: (tiles * co) / 4,
    flops: tiles * co * STEPS[side].outputGrad * (2 * side + 2),
  });
  return d;
}

/**
 * S[p] = V[p]ᵀ · D[p] for each place, summed over `cut` slices of the tiles, [places, cut, ci, co]: what the weight gradient of a 1×1 convolution over as
 * many pixels is, cut into one slice for each place and part.
 */
function weightProducts(
  operation: string,
  v: F32,
  d: F32,
  s: Conv2dShape,
  places: number,
  tiles: number,
  cut: number,
): F32 {
  const { gpu } = v;
  const [{ ci, co }, slices, slice_pixels] = [s, places * cut, tiles / cut];
  const shapeClass = classOf('conv2d-weight-grad', { rows: ci, columns: co, depth: slice_pixels });
  const rung = chooseRung(gpu, shapeClass, { subgroup: true });
  if (rung !== 'subgroup')
    return batchedMatmul(v, d, { batch: slices, m: ci, n: co, k: slice_pixels, transposeA: true });
  const sums = gpu.alloc(slices * ci * co, 'f32', operation);
  const { QUADS, LOADS } = gpu.shader('conv2d_weight_grad_subgroup').constants;
  const grid = subgroupGrid(gpu, 1, { rows: Math.ceil(ci / (4 * QUADS)) * slices, columns: co });
  const pixels = slices * slice_pixels;
  dispatch(gpu, 'conv2d_weight_grad_subgroup', {
    operation,
    arrays: { x: [v, pixels * ci], dy: [d, pixels * co], dw: [sums, slices * ci * co] },
    constants: grid.constants,
    params: {
      ...{
        n: 1,
        h: 1,
        w: pixels,
        ci,
        oh: 1,
        ow: pixels,
        co,
        kh: 1,
        kw: 1,
        stride_h: 1,
        stride_w: 1,
        pad_h: 0,
        pad_w: 0,
      },
      ...{ dilation_h: 1, dilation_w: 1, slices, slice_pixels, loads: QUADS / LOADS, ...grid.params },
    },
    workgroups: grid.workgroups,
    flops: 2 * pixels * ci * co,
  });
  return sums;
}

/** dW = Gᵀ [Σ over tiles of (A·dY·Aᵀ) ⊙ V] G, of sizes that `takesWinograd`. */
export function winogradWeightGrad(operation: string, x: F32, dy: F32, s: Conv2dShape): F32 {
  const { gpu } = x;
  const tiling = tilingOf(s);
  const { side, places } = tiling;
  const pairs = s.ci * s.co;
  // One slice occupies a lane for each vec4 of outputs and block of 32 inputs.
  const lanes = (places * Math.ceil(s.ci / 32) * s.co) / 4;
  const cut = weightGradSlices(gpu, places * pairs, lanes, Math.ceil(tiling.tiles / 64));
  const tiles = cut * Math.ceil(tiling.tiles / cut);
  const v = transformInput(operation, x, s, tiling, tiles);
  const d = transformOutputGrad(operation, dy, s, tiling, tiles);
  const sums = weightProducts(operation, v, d, s, places, tiles, cut);
  gpu.drop(v);
  gpu.drop(d);
  const dw = gpu.alloc(9 * pairs, 'f32', operation);
  dispatch(gpu, 'winograd_weight_grad', {
    operation,
    arrays: { s: [sums, places * cut * pairs], dw: [dw, 9 * pairs] },
    constants: { SIDE: side },
    params: { count: pairs / 4, slices: cut, rows: side + 2 },
    invocations: pairs / 4,
    flops: pairs * (places * (cut - 1) + STEPS[side].weightGrad * (side + 5)),
  });
  gpu.drop(sums);
  return dw;
}
