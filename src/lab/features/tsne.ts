import { TsnePoints, tsneStride } from '../../kernels/tsne.ts';
import { squaredDistances } from '../../metrics/squared_distances.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { FlowControl } from '../../train/flow_control.ts';
import { tsneAffinities } from './affinities.ts';
import { pca } from './pca.ts';

/** Features to map, and how. */
export interface TsneInput {
  gpu: Gpu;
  /** [N, D] */
  features: Float32Array;
  /** D, at least 2. */
  dimensions: number;
  /** How many neighbours a point is to have, from 1 to below N. Default 30. */
  perplexity?: number;
  /** Steps of the descent, the first quarter of them with early exaggeration. Default 1,000. */
  steps?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** A t-SNE map. */
export interface Tsne {
  /** [N, 2] */
  points: Float32Array;
  /** Kullback–Leibler divergence of the embedding's affinities from the features', in nats: what t-SNE makes small. */
  divergence: number;
}

const EXAGGERATION = 12;
/** Steps gathered before they are sent. */
const STEPS_AT_ONCE = 20;

/**
 * Exact t-SNE in two dimensions. Distances and affinities are computed in float64 on the host, the descent on the device, over all pairs
 * of points. Hyperparameters are scikit-learn's: early exaggeration 12 and momentum 0.5 in the first quarter, then 1 and 0.8; learning rate
 * max(N / 48, 50); gains; the first places are the two principal components, scaled to a standard deviation of 1e-4. It takes all its steps.
 *
 * Nothing is drawn at random: the same input gives the same points, bit for bit, on the same adapter.
 *
 * Source: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008.
 * @throws RangeError where sizes do not fit, a feature is not finite or `perplexity` is out of range; the signal's reason where it is aborted.
 */
export async function tsne(input: TsneInput): Promise<Tsne> {
  const { gpu, features, dimensions, perplexity = 30, steps = 1000, onProgress, signal } = input;
  const count = features.length / dimensions;
  const start = firstPlaces(pca({ features, dimensions, components: 2 }).points, count);
  const affinities = tsneAffinities(squaredDistances(features, dimensions), perplexity);
  const device = new TsnePoints(gpu, count, padRows(affinities, count), start);
  try {
    const flow = new FlowControl(gpu);
    const lr = Math.max(count / EXAGGERATION / 4, 50);
    for (let done = 0; done < steps; ) {
      signal?.throwIfAborted();
      for (const end = Math.min(done + STEPS_AT_ONCE, steps); done < end; done++) {
        const early = done < steps / 4;
        device.step({ exaggeration: early ? EXAGGERATION : 1, momentum: early ? 0.5 : 0.8, lr });
      }
      await flow.step();
      onProgress?.(done, steps);
    }
    const places = await device.read();
    const stride = tsneStride(count);
    const points = Float32Array.from({ length: 2 * count }, (_, at) => places[(at % 2) * stride + (at >> 1)]);
    return { points, divergence: divergence(affinities, points) };
  } finally {
    device.release();
  }
}

/** Columns [2, stride] of the principal components, the first with a standard deviation of 1e-4. */
function firstPlaces(components: Float64Array, count: number): Float32Array {
  const stride = tsneStride(count);
  let squares = 0;
  for (let i = 0; i < count; i++) squares += components[2 * i] ** 2 / count;
  const scale = squares > 0 ? 1e-4 / Math.sqrt(squares) : 0;
  const places = new Float32Array(2 * stride);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 2; axis++) places[axis * stride + i] = scale * components[2 * i + axis];
  }
  return places;
}

/** Rows [N, stride] in float32. */
function padRows(matrix: Float64Array, count: number): Float32Array {
  const stride = tsneStride(count);
  const padded = new Float32Array(count * stride);
  for (let i = 0; i < count; i++) padded.set(matrix.subarray(i * count, (i + 1) * count), i * stride);
  return padded;
}

/** Σ p · ln(p / q), q the affinities of the points: 1 / (1 + |y_i − y_j|²) over its sum. affinities: [N, N]. points: [N, 2]. */
export function divergence(affinities: Float64Array, points: Float32Array): number {
  const count = points.length / 2;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const p = affinities[i * count + j];
      const dx = points[2 * i] - points[2 * j];
      const dy = points[2 * i + 1] - points[2 * j + 1];
      const stretch = 1 + dx * dx + dy * dy;
      total += 2 / stretch;
      if (p > 0) sum += 2 * p * Math.log(p * stretch);
    }
  }
  return sum + Math.log(total);
}
