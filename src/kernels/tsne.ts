import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { enoughInvocations } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** How a step of t-SNE goes. */
export interface TsneStep {
  /** Factor of the attraction, above 1 in the early steps. */
  exaggeration: number;
  momentum: number;
  lr: number;
}

/** Places of a row in memory: the kernels work on four points at a time. */
export function tsneStride(points: number): number {
  return Math.ceil(points / 4) * 4;
}

/**
 * Points of a t-SNE embedding on the device, and what moves them.
 *
 * affinities: p[i, j], symmetric, [points, stride], 0 past the last point of a row. start: [2, stride], any numbers past the last point of a row.
 * stride: `tsneStride(points)`.
 */
export class TsnePoints {
  readonly gpu: Gpu;
  readonly points: number;
  readonly slices: number;
  #affinities: F32;
  #places: F32;
  #velocity: F32;
  #gains: F32;
  #moved = false;

  constructor(gpu: Gpu, points: number, affinities: Float32Array, start: Float32Array) {
    this.gpu = gpu;
    this.points = points;
    const quads = tsneStride(points) / 4;
    this.slices = Math.max(1, Math.min(16, Math.floor(enoughInvocations(gpu) / quads)));
    [this.#affinities, this.#places, this.#velocity, this.#gains] = gpu.unscoped(() => [
      gpu.upload(affinities, 'tsne'),
      gpu.upload(start, 'tsne'),
      gpu.alloc(start.length, 'f32', 'tsne'),
      gpu.alloc(start.length, 'f32', 'tsne'),
    ]);
  }

  /** Attraction, repulsion and weight of each point, in slices: [slices, 5, stride]. See shaders/tsne_forces.wgsl. */
  forces(): F32 {
    const { gpu, points, slices } = this;
    const stride = tsneStride(points);
    const quads = stride / 4;
    const forces = gpu.alloc(slices * 5 * stride, 'f32', 'tsneForces');
    dispatch(gpu, 'tsne_forces', {
      operation: 'tsneForces',
      arrays: {
        p: [this.#affinities, points * stride],
        y: [this.#places, 2 * stride],
        forces: [forces, slices * 5 * stride],
      },
      params: { points, quads, slices },
      invocations: slices * quads,
      flops: 20 * points * points,
    });
    return forces;
  }

  /** Moves all points once. */
  step({ exaggeration, momentum, lr }: TsneStep): void {
    const { gpu, points, slices } = this;
    const stride = tsneStride(points);
    gpu.scope(() => {
      dispatch(gpu, 'tsne_step', {
        operation: 'tsneStep',
        arrays: {
          forces: [this.forces(), slices * 5 * stride],
          y: [this.#places, 2 * stride],
          velocity: [this.#velocity, 2 * stride],
          gain: [this.#gains, 2 * stride],
        },
        params: { points, stride, slices, first: this.#moved ? 0 : 1, exaggeration, momentum, lr },
        invocations: points,
        flops: (5 * slices + 26) * points,
      });
    });
    this.#moved = true;
  }

  /** Gives the memory back; the points are gone. */
  release(): void {
    for (const array of [this.#affinities, this.#places, this.#velocity, this.#gains]) array.release();
  }

  /** Where the points are: [2, stride]. */
  get places(): F32 {
    return this.#places;
  }

  /** Waits for the device and reads where the points are: [2, stride]. */
  read(): Promise<Float32Array> {
    return this.#places.read();
  }
}
