import type { KernelFamily } from '../kernel_case.ts';
import { CONV2D, DEPTHWISE_CONV2D, GROUPED_CONV2D } from './convolutions.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { TSNE } from './embedding.ts';
import { EMBEDDING_LOSSES } from './embedding_losses.ts';
import { CAST, IN_HALF_PRECISION } from './halves.ts';
import { DROPOUT, IMAGE_BATCH, MIX } from './images.ts';
import { INDEX_SELECT, STRIDED } from './layouts.ts';
import { LOSS_SCALE } from './loss_scale.ts';
import { NLL_LOSS, SOFTMAX, SOFTMAX_LOSS } from './losses.ts';
import { BATCH_NORM, GROUP_NORM } from './normalisations.ts';
import { ORACLES } from './oracles.ts';
import { POINTWISE } from './pointwise.ts';
import { BATCHED_MATMUL, MATMUL, TRANSPOSE } from './products.ts';
import { ATTENTION_POOLS, BROADCAST } from './reductions.ts';
import { SQUEEZE_EXCITATION } from './squeeze_excitation.ts';
import { CONV2D_TILES, MATMUL_TILES } from './tiles.ts';
import { CLIP, OPTIMIZER, RUNNING_METRICS } from './updates.ts';
import { AVG_POOL, MAX_POOL, PAD2D, UPSAMPLE } from './windows.ts';
import { WINOGRAD } from './winograd.ts';

/** Every kernel of the engine, at the sizes where kernels go wrong. The tests and `verify` run them; a new kernel adds its cases here. */
export const KERNEL_FAMILIES: readonly KernelFamily[] = [
  ...[MATMUL, MATMUL_TILES, TRANSPOSE, BATCHED_MATMUL],
  ...[CONV2D, CONV2D_TILES, WINOGRAD, DEPTHWISE_CONV2D, GROUPED_CONV2D],
  ...[ELEMENTWISE, POINTWISE, BROADCAST, ATTENTION_POOLS],
  ...[BATCH_NORM, GROUP_NORM, SQUEEZE_EXCITATION],
  ...[MAX_POOL, AVG_POOL, UPSAMPLE, PAD2D],
  ...[SOFTMAX, SOFTMAX_LOSS, NLL_LOSS, EMBEDDING_LOSSES],
  ...[STRIDED, INDEX_SELECT, IMAGE_BATCH, MIX, DROPOUT],
  ...[CAST, ...IN_HALF_PRECISION],
  ...[OPTIMIZER, CLIP, LOSS_SCALE, RUNNING_METRICS, TSNE, ORACLES],
];
