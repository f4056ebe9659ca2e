import type { Gpu } from '../../runtime/gpu.ts';
import type { Ladder } from './ladder.ts';
import { batchNormLadder, softmaxLadder } from './normalisations.ts';
import { conv2dInputGradLadder, conv2dLadder, conv2dWeightGradLadder, matmulLadder } from './products.ts';

/** What the sizes of a ladder are called, and how large they are: for a driver that computes on the CPU, and for a GPU. */
interface LadderKind {
  sizes: readonly string[];
  software: readonly number[];
  hardware: readonly number[];
  make(gpu: Gpu, sizes: readonly number[]): Ladder;
}

const CONVOLUTION = ['images', 'height and width', 'input channels', 'output channels', 'kernel', 'stride'];
const LAYER = { sizes: CONVOLUTION, software: [8, 16, 64, 64, 3, 1], hardware: [64, 32, 128, 128, 3, 1] };

/** The kernels that have a ladder. */
export const LADDERS = {
  matmul: {
    ...{ sizes: ['M', 'K', 'N'], software: [512, 576, 512], hardware: [2048, 2304, 2048] },
    make: matmulLadder,
  },
  conv2d: { ...LAYER, make: conv2dLadder },
  'conv2d-input-grad': { ...LAYER, make: conv2dInputGradLadder },
  'conv2d-weight-grad': { ...LAYER, make: conv2dWeightGradLadder },
  'batch-norm': {
    ...{ sizes: ['images', 'height and width', 'channels'], software: [16, 32, 64], hardware: [128, 32, 256] },
    make: batchNormLadder,
  },
  softmax: {
    ...{ sizes: ['rows', 'classes'], software: [2048, 100], hardware: [65_536, 100] },
    make: softmaxLadder,
  },
} as const satisfies Record<string, LadderKind>;

export type LadderName = keyof typeof LADDERS;
export const LADDER_NAMES = Object.keys(LADDERS) as LadderName[];

/** The sizes of a ladder on an adapter where none are given. */
export function usualSizes(gpu: Gpu, name: LadderName): readonly number[] {
  return LADDERS[name][gpu.adapter.software ? 'software' : 'hardware'];
}
