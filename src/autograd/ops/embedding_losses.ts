import { reduceSum } from '../../kernels/broadcast.ts';
import * as kernels from '../../kernels/embedding_losses.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray } from '../../runtime/gpu.ts';
import { record } from '../record.ts';
import type { Tensor } from '../tensor.ts';
import { matmul } from './matmul.ts';
import type { Reduction } from './softmax_loss.ts';

function embeddingsOf(operation: string, x: Tensor): kernels.Embeddings {
  if (x.shape.length !== 2 || x.size === 0) {
    throw new ShapeError(`${operation}: embeddings [N, D] are needed; the shape is [${x.shape}].`);
  }
  return { rows: x.shape[0], columns: x.shape[1] };
}

/** One label for each sample, or ShapeError. */
function checkLabels(operation: string, embeddings: Tensor, labels: Tensor<'u32'>): void {
  if (labels.size !== embeddings.shape[0]) {
    throw new ShapeError(
      `${operation}: embeddings [${embeddings.shape}] need ${embeddings.shape[0]} labels; their shape is [${labels.shape}].`,
    );
  }
}

/** The losses of the samples, [rows], as the reduction has them. */
function reduced(
  losses: DeviceArray<'f32'>,
  rows: number,
  reduction: Reduction,
): { output: DeviceArray<'f32'>; shape: number[]; factor: number } {
  if (reduction === 'none') return { output: losses, shape: [rows], factor: 1 };
  const factor = reduction === 'mean' ? 1 / rows : 1;
  return { output: reduceSum(losses, { outer: 1, repeat: rows, inner: 1 }, factor), shape: [], factor };
}

/**
 * The rows of a matrix at length 1: y[n] = x[n] / max(‖x[n]‖, 1e-12). x [N, D]. Shape kept. dx = (dy − y · Σ dy·y) / ‖x‖ of each row.
 * As PyTorch's F.normalize. Throws ShapeError for other shapes.
 */
export function normalizeRows(x: Tensor): Tensor {
  const shape = embeddingsOf('normalizeRows', x);
  const { y, norm } = kernels.normalizeRows(x.buffer, shape);
  return record('normalizeRows', {
    inputs: [x],
    output: y,
    shape: x.shape,
    saved: [y, norm],
    backward: (dy) => [kernels.normalizeRowsGrad(dy, y, norm, shape)],
  });
}

/**
 * Euclidean distances between all rows: y[i, j] = ‖x[i] − x[j]‖. x [N, D]. Shape [N, N]. Rows that coincide give each other no gradient.
 * Throws ShapeError for other shapes.
 */
export function pairwiseDistances(x: Tensor): Tensor {
  const shape = embeddingsOf('pairwiseDistances', x);
  const input = x.buffer;
  const y = kernels.pairwiseDistances(input, shape);
  return record('pairwiseDistances', {
    inputs: [x],
    output: y,
    shape: [shape.rows, shape.rows],
    saved: [input, y],
    backward: (dy) => [kernels.pairwiseDistancesGrad(dy, y, input, shape)],
  });
}

/** Settings of `batchHardTriplet`. */
export interface TripletOptions {
  /** By how much the nearest sample of another class is to be farther away than the farthest of the own one. Default 0.3. */
  margin?: number;
  /** Default 'mean', over all samples of the batch. */
  reduction?: Reduction;
}

/**
 * Triplet loss with the hardest partners that the batch offers each sample, of embeddings [N, D] and labels [N]:
 *
 *   loss[i] = max(0, margin + max over p of ‖x[i] − x[p]‖ − min over n of ‖x[i] − x[n]‖)
 *
 * with p of the sample's class and n of another; 0 where the batch holds no such partner. As a mean or sum, [], or per sample, [N].
 * Gradient: to the embeddings. Throws ShapeError where the shapes do not fit.
 * Source: Hermans, Beyer, Leibe, "In defense of the triplet loss for person re-identification", 2017 (batch hard).
 */
export function batchHardTriplet(
  embeddings: Tensor,
  labels: Tensor<'u32'>,
  { margin = 0.3, reduction = 'mean' }: TripletOptions = {},
): Tensor {
  checkLabels('batchHardTriplet', embeddings, labels);
  const distances = pairwiseDistances(embeddings);
  const rows = embeddings.shape[0];
  const { loss, partners } = kernels.batchHardTriplet(distances.buffer, labels.buffer, { rows, margin });
  const { output, shape, factor } = reduced(loss, rows, reduction);
  return record('batchHardTriplet', {
    inputs: [distances],
    output,
    shape,
    saved: [partners],
    backward: (dy) => [kernels.batchHardTripletGrad(dy, partners, { rows, factor })],
  });
}

/** Settings of `supervisedContrastive`. */
export interface ContrastiveOptions {
  /** Divides the similarities: the lower, the more the closest pairs decide. Default 0.1. */
  temperature?: number;
  /** Default 'mean', over all samples of the batch. */
  reduction?: Reduction;
}

/**
 * Supervised contrastive loss of embeddings [N, D], which it takes at length 1, and labels [N]:
 *
 *   z[i, j] = x[i] · x[j] / temperature,  loss[i] = −mean over p of log(exp(z[i, p]) / Σ over j ≠ i of exp(z[i, j]))
 *
 * with p ≠ i of the sample's class; 0 where it is alone of its class. As a mean or sum, [], or per sample, [N].
 * Gradient: to the embeddings. Throws ShapeError where the shapes do not fit.
 * Source: Khosla et al., "Supervised contrastive learning", NeurIPS 2020, equation 2.
 */
export function supervisedContrastive(
  embeddings: Tensor,
  labels: Tensor<'u32'>,
  { temperature = 0.1, reduction = 'mean' }: ContrastiveOptions = {},
): Tensor {
  checkLabels('supervisedContrastive', embeddings, labels);
  const unit = normalizeRows(embeddings);
  const similarities = matmul(unit, unit, { transposeB: true });
  const rows = embeddings.shape[0];
  const [x, classes] = [similarities.buffer, labels.buffer];
  const { loss, kept } = kernels.supervisedContrastive(x, classes, { rows, temperature });
  const { output, shape, factor } = reduced(loss, rows, reduction);
  return record('supervisedContrastive', {
    inputs: [similarities],
    output,
    shape,
    saved: [x, classes, kept],
    backward: (dy) => [kernels.supervisedContrastiveGrad(dy, x, classes, kept, { rows, temperature, factor })],
  });
}
