import { chooseRung } from '../runtime/choose_rung.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { type Rung, rungOf } from '../runtime/rungs.ts';
import type { GroupedConv2dShape } from './grouped_conv2d.ts';

// How the vec4 and subgroup rungs of a depthwise convolution cut its window and its images.

/**
 * The rung to take. The tiled one takes four channels at once; the subgroup one also lays the rows of an image into lanes. Both keep neighbouring
 * taps in registers, so that a window with gaps between its taps is left to the grouped convolution's kernels.
 */
export function depthwiseRung(gpu: Gpu, s: GroupedConv2dShape): Rung {
  const { ci, co, kh, kw, strideH, strideW } = s;
  const dense = s.dilationH === 1 && s.dilationW === 1;
  const tiled = dense && kh <= 5 && kw <= 5 && strideH <= 2 && strideW <= 2 && ci === co && ci % 4 === 0;
  const subgroup = tiled && lanesFor(gpu, s, windowOf(s)) !== undefined;
  return rungOf(chooseRung(gpu, 'depthwise-conv2d', { tiled, subgroup }));
}

/** The taps of a window that meet the image somewhere, in one dimension, and the padding before the first of them. */
interface Taps {
  first: number;
  count: number;
  pad: number;
}

/** A window wider than the image and its padding need is cut down to the taps that do not meet the padding only. */
function usedTaps(kernel: number, size: number, positions: number, stride: number, pad: number): Taps {
  const first = Math.min(kernel - 1, Math.max(0, pad - (positions - 1) * stride));
  const end = Math.max(first + 1, Math.min(kernel, size + pad));
  return { first, count: end - first, pad: pad - first };
}

/** The taps that are used, in both dimensions. */
export interface Window {
  vertical: Taps;
  horizontal: Taps;
}

/** What all these kernels are told of the window. */
export function windowOf(s: GroupedConv2dShape) {
  const vertical = usedTaps(s.kh, s.h, s.oh, s.strideH, s.padH);
  const horizontal = usedTaps(s.kw, s.w, s.ow, s.strideW, s.padW);
  return {
    vertical,
    horizontal,
    constants: { KH: vertical.count, KW: horizontal.count, STRIDE_H: s.strideH, STRIDE_W: s.strideW },
    params: {
      ...{ n: s.n, h: s.h, w: s.w, oh: s.oh, ow: s.ow, columns: s.ci / 4, kernel_h: s.kh, kernel_w: s.kw },
      ...{ pad_h: vertical.pad, pad_w: horizontal.pad, first_h: vertical.first, first_w: horizontal.first },
    },
  };
}

/** Outputs side by side that an invocation of the vec4 rung owns: the more, the fewer loads; wide windows leave registers for fewer. */
export function tileFor(gpu: Gpu, { ow, strideW }: GroupedConv2dShape, taps: number): number {
  if (ow < 2) return 1;
  // A software driver has no registers to spare, but its loads are long code: a turn of the kernel's loop must fit the instruction cache.
  if (gpu.adapter.software && strideW > 1) return taps <= 3 ? 1 : 2;
  return ow > 2 && (taps <= 3 || gpu.adapter.software) ? 4 : 2;
}

/** How to cut rows and images into invocations: as long as the device has enough of them, each walks down whole images, several of them. */
export function cut(gpu: Gpu, n: number, rows: number, across: number) {
  // The weights are read once for all images of an invocation, which outweighs more invocations where each load is dear.
  const enough = enoughInvocations(gpu) * (gpu.adapter.software ? 1 : 4);
  const run = Math.min(rows, Math.max(2, Math.ceil((rows * n * across) / enough)));
  const runs = Math.ceil(rows / run);
  const images = Math.min(n, Math.max(1, Math.floor((n * runs * across) / enough)));
  return { params: { run, runs, images }, invocations: Math.ceil(n / images) * runs * across };
}

/**
 * Images that a group of lanes of the subgroup rung walks down; `across`: lanes that one image takes. The weights are read once for all of them, so
 * they are as many as leave the device enough to do (a group does more than an invocation elsewhere: three quarters are enough), or up to half of
 * that where the last group would miss fewer.
 */
export function imagesFor(gpu: Gpu, n: number, across: number): number {
  const most = Math.min(n, Math.max(1, Math.floor((n * across) / (0.75 * enoughInvocations(gpu)))));
  let best = most;
  for (let images = most; 2 * images > most; images--) {
    if (Math.ceil(n / images) * images < Math.ceil(n / best) * best) best = images;
  }
  return best;
}

/** How the subgroup rung lays the rows of an image into lanes. */
export interface Lanes {
  /** Lanes that a row lies in: a power of two. */
  span: number;
  /** Lanes of a workgroup: the largest subgroup, as nothing is shared beyond it. */
  workgroup: number;
  constants: { PAD_H: number; PAD_W: number; OUTPUTS: number; WORKGROUP: number };
}

/**
 * The lanes that rows lie in; undefined where the subgroup rung cannot run, as rows are too wide for the adapter's subgroups. It loads each element
 * once, which a software driver pays for.
 */
export function lanesFor(gpu: Gpu, s: GroupedConv2dShape, { vertical, horizontal }: Window): Lanes | undefined {
  const [smallest, workgroup] = gpu.adapter.subgroupSizes;
  if (smallest === 0 || vertical.pad >= vertical.count || horizontal.pad >= horizontal.count) return undefined;
  for (const OUTPUTS of [1, 2, 4]) {
    const lanes = Math.max(Math.ceil(s.ow / OUTPUTS), Math.ceil(s.w / (OUTPUTS * s.strideW)));
    const span = 2 ** Math.ceil(Math.log2(lanes));
    const pads = { PAD_H: vertical.pad, PAD_W: horizontal.pad };
    if (span <= smallest) return { span, workgroup, constants: { ...pads, OUTPUTS, WORKGROUP: workgroup } };
  }
  return undefined;
}
