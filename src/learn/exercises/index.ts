import type { Exercise } from '../exercise.ts';
import { ADAM } from './adam.ts';
import { BATCH_NORM_STATS } from './batch_norm_stats.ts';
import { CONV2D } from './conv2d.ts';
import { CONV2D_INPUT_GRAD } from './conv2d_input_grad.ts';
import { CONV2D_WEIGHT_GRAD } from './conv2d_weight_grad.ts';
import { GUARD } from './guard.ts';
import { MAP } from './map.ts';
import { MATMUL_NAIVE, MATMUL_SUBGROUP, MATMUL_TILED } from './matmul.ts';
import { MAX_POOL_GRAD } from './max_pool_grad.ts';
import { REDUCTION } from './reduction.ts';
import { SOFTMAX_LOSS_GRAD } from './softmax_loss_grad.ts';
import { TRANSPOSE } from './transpose.ts';

/** All exercises, in the order in which they teach. */
export const EXERCISES: readonly Exercise[] = [
  ...[MAP, GUARD, TRANSPOSE, REDUCTION],
  ...[MATMUL_NAIVE, MATMUL_TILED, MATMUL_SUBGROUP],
  ...[CONV2D, CONV2D_INPUT_GRAD, CONV2D_WEIGHT_GRAD],
  ...[MAX_POOL_GRAD, SOFTMAX_LOSS_GRAD, BATCH_NORM_STATS, ADAM],
];
