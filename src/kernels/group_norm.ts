import type { DeviceArray, Dispatch, Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { reduceSum } from './broadcast.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/**
 * What is normalised: x [samples, pixels, groups, width], each sample and group for itself. Layer normalisation has one pixel and one group: its
 * samples are the rows, its width their elements.
 */
export interface GroupNormShape {
  samples: number;
  pixels: number;
  groups: number;
  width: number;
}

/** What a normalisation went by: mean and 1/√(variance + eps), [samples, groups] each. */
export interface GroupNormStatistics {
  mean: F32;
  invstd: F32;
}

const sizeOf = ({ samples, pixels, groups, width }: GroupNormShape) => samples * pixels * groups * width;

/** Elements that a lane adds before others are called to help. */
const ELEMENTS_PER_LANE = 16;

/** Lanes that share a block. A software driver pays for each barrier, so there they are no more than it needs to have enough to do. */
function teamOf(gpu: Gpu, { samples, pixels, groups, width }: GroupNormShape): number {
  const useful = (pixels * width) / ELEMENTS_PER_LANE;
  const most = gpu.adapter.software ? enoughInvocations(gpu) / (samples * groups) : 64;
  return Math.max(1, Math.min(64, 2 ** Math.ceil(Math.log2(Math.min(useful, most)))));
}

/** How the kernels that go through the elements one by one are called: four at once where they lie in one group. */
function elementwise(name: string, s: GroupNormShape) {
  const lanes = s.width % 4 === 0 ? 4 : 1;
  const count = sizeOf(s) / lanes;
  return {
    shader: lanes === 4 ? `${name}<vec4f>` : name,
    params: { count, pixels: s.pixels, groups: s.groups, width: s.width / lanes, size: s.pixels * s.width },
    invocations: count,
  };
}

/** How the kernels whose teams of lanes add up a block each are called. */
function byBlock({ samples, pixels, groups, width }: GroupNormShape, TEAM: number) {
  const blocks = samples * groups;
  return { constants: { TEAM }, params: { pixels, groups, width, blocks }, invocations: blocks * TEAM };
}

/** Mean and inverse deviation of each block. */
export function groupNormStatistics(x: F32, s: GroupNormShape, eps: number): GroupNormStatistics {
  const { gpu } = x;
  const blocks = s.samples * s.groups;
  const [mean, invstd] = [gpu.alloc(blocks, 'f32', 'groupNorm'), gpu.alloc(blocks, 'f32', 'groupNorm')];
  const { params, ...grid } = byBlock(s, teamOf(gpu, s));
  dispatch(gpu, 'group_norm_stats', {
    operation: 'groupNorm',
    arrays: { x: [x, sizeOf(s)], mean: [mean, blocks], invstd: [invstd, blocks] },
    params: { ...params, eps },
    ...grid,
    flops: 4 * sizeOf(s),
  });
  return { mean, invstd };
}

/** What stands for a weight or bias that there is not: a binding cannot be empty, and the kernel does not read this one. */
const orElse = (given: F32 | undefined, other: F32) => [given ?? other, (given ?? other).length] as const;

/** y = (x − mean) · invstd · weight + bias. */
export function groupNormApply(
  x: F32,
  { mean, invstd }: GroupNormStatistics,
  weight: F32 | undefined,
  bias: F32 | undefined,
  s: GroupNormShape,
): F32 {
  const y = x.gpu.alloc(sizeOf(s), 'f32', 'groupNorm');
  const { shader, params, invocations } = elementwise('group_norm_apply', s);
  const [has_weight, has_bias] = [Number(weight !== undefined), Number(bias !== undefined)];
  dispatch(x.gpu, shader, {
    operation: 'groupNorm',
    arrays: {
      ...{ x: [x, x.length], mean: [mean, mean.length], invstd: [invstd, mean.length] },
      ...{ weight: orElse(weight, x), bias: orElse(bias, x), y: [y, x.length] },
    },
    params: { ...params, has_weight, has_bias },
    invocations,
    flops: (2 + has_weight + has_bias) * y.length,
  });
  return y;
}

/** What the gradients read: the input, what it was normalised by, and the weight where there is one. */
export interface GroupNormSaved extends GroupNormStatistics {
  x: F32;
  weight: F32 | undefined;
}

/** dx from dy. */
export function groupNormInputGrad(dy: F32, { x, mean, invstd, weight }: GroupNormSaved, s: GroupNormShape): F32 {
  const { gpu } = dy;
  const blocks = s.samples * s.groups;
  const [direct, turned] = [gpu.alloc(blocks, 'f32', 'groupNormGrad'), gpu.alloc(blocks, 'f32', 'groupNormGrad')];
  const has_weight = Number(weight !== undefined);
  const arrays: Dispatch['arrays'] = {
    dy: [dy, x.length],
    x: [x, sizeOf(s)],
    mean: [mean, blocks],
    invstd: [invstd, blocks],
    weight: orElse(weight, x),
    direct: [direct, blocks],
    turned: [turned, blocks],
  };
  const sums = byBlock(s, teamOf(gpu, s));
  dispatch(gpu, 'group_norm_grad_sums', {
    ...{ operation: 'groupNormGrad', arrays, ...sums },
    params: { ...sums.params, has_weight },
    flops: (4 + has_weight) * x.length,
  });
  const dx = gpu.alloc(sizeOf(s), 'f32', 'groupNormGrad');
  const { shader, params, invocations } = elementwise('group_norm_input_grad', s);
  dispatch(gpu, shader, {
    operation: 'groupNormGrad',
    arrays: { ...arrays, dx: [dx, x.length] },
    params: { ...params, has_weight },
    invocations,
    flops: (7 + has_weight) * x.length,
  });
  gpu.drop(direct);
  gpu.drop(turned);
  return dx;
}

/** dweight from dy: [groups · width]. */
export function groupNormWeightGrad(dy: F32, { x, mean, invstd }: GroupNormSaved, s: GroupNormShape): F32 {
  const { gpu } = dy;
  const terms = gpu.alloc(sizeOf(s), 'f32', 'groupNormGrad');
  const { shader, params, invocations } = elementwise('group_norm_weight_terms', s);
  dispatch(gpu, shader, {
    operation: 'groupNormGrad',
    arrays: {
      ...{ dy: [dy, x.length], x: [x, x.length], mean: [mean, mean.length], invstd: [invstd, mean.length] },
      terms: [terms, x.length],
    },
    params,
    invocations,
    flops: 3 * x.length,
  });
  const dweight = reduceSum(terms, { outer: 1, repeat: s.samples * s.pixels, inner: s.groups * s.width });
  gpu.drop(terms);
  return dweight;
}

/** dbias from dy: [groups · width]. */
export function groupNormBiasGrad(dy: F32, s: GroupNormShape): F32 {
  return reduceSum(dy, { outer: 1, repeat: s.samples * s.pixels, inner: s.groups * s.width });
}
