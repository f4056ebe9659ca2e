import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;
type U32 = DeviceArray<'u32'>;

/** A matrix whose rows are the embeddings of a batch. */
export interface Embeddings {
  rows: number;
  columns: number;
}

/** The rows divided by their lengths, and these, [rows]. */
export function normalizeRows(x: F32, { rows, columns }: Embeddings): { y: F32; norm: F32 } {
  const y = x.gpu.alloc(rows * columns, 'f32', 'normalizeRows');
  const norm = x.gpu.alloc(rows, 'f32', 'normalizeRows');
  dispatch(x.gpu, 'normalize_rows', {
    operation: 'normalizeRows',
    arrays: { x: [x, rows * columns], y: [y, rows * columns], norm: [norm, rows] },
    params: { rows, columns },
    invocations: rows,
    flops: 3 * rows * columns,
  });
  return { y, norm };
}

/** dx from dy and the outputs of `normalizeRows`. */
export function normalizeRowsGrad(dy: F32, y: F32, norm: F32, { rows, columns }: Embeddings): F32 {
  const count = rows * columns;
  const dx = dy.gpu.alloc(count, 'f32', 'normalizeRowsGrad');
  dispatch(dy.gpu, 'normalize_rows_grad', {
    operation: 'normalizeRowsGrad',
    arrays: { dy: [dy, count], y: [y, count], norm: [norm, rows], dx: [dx, count] },
    params: { rows, columns },
    invocations: rows,
    flops: 5 * count,
  });
  return dx;
}

/** Euclidean distances between all rows: [rows, rows]. */
export function pairwiseDistances(x: F32, { rows, columns }: Embeddings): F32 {
  const y = x.gpu.alloc(rows * rows, 'f32', 'pairwiseDistances');
  dispatch(x.gpu, 'pairwise_distances', {
    operation: 'pairwiseDistances',
    arrays: { x: [x, rows * columns], y: [y, rows * rows] },
    params: { rows, columns },
    invocations: rows * rows,
    flops: 3 * rows * rows * columns,
  });
  return y;
}

/** dx from dy and the output y of `pairwiseDistances`. */
export function pairwiseDistancesGrad(dy: F32, y: F32, x: F32, { rows, columns }: Embeddings): F32 {
  const dx = dy.gpu.alloc(rows * columns, 'f32', 'pairwiseDistancesGrad');
  dispatch(dy.gpu, 'pairwise_distances_grad', {
    operation: 'pairwiseDistancesGrad',
    arrays: { dy: [dy, rows * rows], y: [y, rows * rows], x: [x, rows * columns], dx: [dx, rows * columns] },
    params: { rows, columns },
    invocations: rows * columns,
    flops: 5 * rows * rows * columns,
  });
  return dx;
}

/** Batch-hard triplet loss of each sample from distances [rows, rows]: [rows], and the partners it was taken from, [rows, 2]. */
export function batchHardTriplet(
  distances: F32,
  labels: U32,
  { rows, margin }: { rows: number; margin: number },
): { loss: F32; partners: U32 } {
  const { gpu } = distances;
  const loss = gpu.alloc(rows, 'f32', 'batchHardTriplet');
  const partners = gpu.alloc(rows * 2, 'u32', 'batchHardTriplet');
  dispatch(gpu, 'batch_hard_triplet', {
    operation: 'batchHardTriplet',
    arrays: { y: [distances, rows * rows], labels: [labels, rows], loss: [loss, rows], partners: [partners, rows * 2] },
    params: { rows, margin },
    invocations: rows,
    flops: rows * rows,
  });
  return { loss, partners };
}

/** Gradient of the distances. dloss: [rows], or [1] for all of them; factor: multiplies it. */
export function batchHardTripletGrad(
  dloss: F32,
  partners: U32,
  { rows, factor }: { rows: number; factor: number },
): F32 {
  const dy = dloss.gpu.alloc(rows * rows, 'f32', 'batchHardTripletGrad');
  dispatch(dloss.gpu, 'batch_hard_triplet_grad', {
    operation: 'batchHardTripletGrad',
    arrays: { dloss: [dloss, dloss.length], partners: [partners, rows * 2], dy: [dy, rows * rows] },
    params: { rows, stride: dloss.length === 1 ? 0 : 1, factor },
    invocations: rows * rows,
    flops: 2 * rows * rows,
  });
  return dy;
}

/** Supervised contrastive loss of each sample from similarities [rows, rows]: [rows], and what its gradient needs, [rows, 2]. */
export function supervisedContrastive(
  similarities: F32,
  labels: U32,
  { rows, temperature }: { rows: number; temperature: number },
): { loss: F32; kept: F32 } {
  const { gpu } = similarities;
  const loss = gpu.alloc(rows, 'f32', 'supervisedContrastive');
  const kept = gpu.alloc(rows * 2, 'f32', 'supervisedContrastive');
  dispatch(gpu, 'supervised_contrastive', {
    operation: 'supervisedContrastive',
    arrays: { x: [similarities, rows * rows], labels: [labels, rows], loss: [loss, rows], kept: [kept, rows * 2] },
    params: { rows, sharpness: 1 / temperature },
    invocations: rows,
    flops: 8 * rows * rows,
  });
  return { loss, kept };
}

/** Gradient of the similarities. dloss: [rows], or [1] for all of them; factor: multiplies it. */
export function supervisedContrastiveGrad(
  dloss: F32,
  similarities: F32,
  labels: U32,
  kept: F32,
  { rows, temperature, factor }: { rows: number; temperature: number; factor: number },
): F32 {
  const dx = dloss.gpu.alloc(rows * rows, 'f32', 'supervisedContrastiveGrad');
  dispatch(dloss.gpu, 'supervised_contrastive_grad', {
    operation: 'supervisedContrastiveGrad',
    arrays: {
      dloss: [dloss, dloss.length],
      x: [similarities, rows * rows],
      labels: [labels, rows],
      kept: [kept, rows * 2],
      dx: [dx, rows * rows],
    },
    params: { rows, stride: dloss.length === 1 ? 0 : 1, factor, sharpness: 1 / temperature },
    invocations: rows * rows,
    flops: 7 * rows * rows,
  });
  return dx;
}
