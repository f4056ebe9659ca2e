import { add, fill } from '../../../kernels/elementwise.ts';
import { TsnePoints, tsneStride } from '../../../kernels/tsne.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { KernelCase, KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

/** Symmetric affinities with sum 1 in padded rows, and places [2, stride] with anything in the padding. */
export function tsneExample(points: number, seed: number, spread: number) {
  const stride = tsneStride(points);
  const draws = randomValues(points * points, seed, 0, 1);
  const affinities = new Float32Array(points * stride);
  const share = 1 / (points * Math.max(1, points - 1));
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < i; j++) {
      const p = 2 * share * draws[i * points + j];
      affinities[i * stride + j] = p;
      affinities[j * stride + i] = p;
    }
  }
  return { stride, affinities, start: randomValues(2 * stride, seed + 1, -spread, spread) };
}

/** The sums of shaders/tsne_forces.wgsl: attraction x and y, repulsion x and y, weight; and the same with each term's magnitude. */
function tsneForcesByHand(affinities: Float32Array, places: ArrayLike<number>, points: number) {
  const stride = tsneStride(points);
  const columns = () => Array.from({ length: 5 }, () => new Float64Array(points));
  const [values, magnitudes] = [columns(), columns()];
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < points; j++) {
      if (i === j) continue;
      const dx = places[i] - places[j];
      const dy = places[stride + i] - places[stride + j];
      const w = 1 / (1 + dx * dx + dy * dy);
      const p = affinities[i * stride + j];
      for (const [k, term] of [p * w * dx, p * w * dy, w * w * dx, w * w * dy, w].entries()) {
        values[k][i] += term;
        magnitudes[k][i] += Math.abs(term);
      }
    }
  }
  return { values, magnitudes };
}

/** The sum of the slices without the padding behind each row: what they are depends on the device. */
function summed(gpu: Gpu, device: TsnePoints) {
  const { points, slices } = device;
  const stride = tsneStride(points);
  const forces = device.forces();
  let total = fill(gpu, 5 * points, 0);
  for (let slice = 0; slice < slices; slice++) {
    const part = gpu.alloc(5 * points, 'f32', 'check');
    for (let k = 0; k < 5; k++) gpu.copyRange(forces, (slice * 5 + k) * stride, part, k * points, points);
    total = add(total, part);
  }
  device.release();
  return total;
}

const forcesCase = ([points, spread]: readonly [number, number]): KernelCase => ({
  name: `forces of ${points} points within ±${spread}`,
  quick: points === 131,
  prepare() {
    const { affinities, start } = tsneExample(points, points, spread);
    const { values, magnitudes } = tsneForcesByHand(affinities, start, points);
    const flat = (columns: Float64Array[], own = 0) =>
      // A point's own weight, 1, is taken away again, which leaves a rounding of a sum of that size.
      columns.flatMap((column, k) => Array.from(column, (v) => v + (k === 4 ? own : 0)));
    return (gpu) => [
      {
        name: 'forces',
        run: () => summed(gpu, new TsnePoints(gpu, points, affinities, start)),
        ...{ values: flat(values), magnitudes: flat(magnitudes, 1), terms: points, roundings: 60 },
      },
    ];
  },
});

const STEPS = 6;

const stepsCase = (points: number): KernelCase => ({
  name: `${STEPS} steps of ${points} points`,
  quick: true,
  prepare() {
    const { stride, affinities, start } = tsneExample(points, 9, 2);
    const how = (step: number) =>
      step < 3 ? { exaggeration: 12, momentum: 0.5, lr: 50 } : { exaggeration: 1, momentum: 0.8, lr: 400 };
    const places = Float64Array.from(start);
    const [velocity, gains] = [new Float64Array(2 * stride), new Float64Array(2 * stride).fill(1)];
    for (let step = 0; step < STEPS; step++) {
      const { exaggeration, momentum, lr } = how(step);
      const [ax, ay, rx, ry, weight] = tsneForcesByHand(affinities, places, points).values;
      const z = weight.reduce((sum, value) => sum + value, 0);
      for (const [axis, [attraction, repulsion]] of [
        [ax, rx],
        [ay, ry],
      ].entries()) {
        for (let i = 0; i < points; i++) {
          const at = axis * stride + i;
          const gradient = 4 * (exaggeration * attraction[i] - repulsion[i] / z);
          gains[at] = Math.max(0.01, velocity[at] * gradient < 0 ? gains[at] + 0.2 : gains[at] * 0.8);
          velocity[at] = momentum * velocity[at] - lr * gains[at] * gradient;
          places[at] += velocity[at];
        }
      }
    }
    const values = [0, 1].flatMap((axis) => Array.from(places.subarray(axis * stride, axis * stride + points)));
    return (gpu) => [
      {
        name: 'places',
        run() {
          const device = new TsnePoints(gpu, points, affinities, start);
          for (let step = 0; step < STEPS; step++) device.step(how(step));
          const found = gpu.alloc(2 * points, 'f32', 'check');
          for (const axis of [0, 1]) gpu.copyRange(device.places, axis * stride, found, axis * points, points);
          device.release();
          return found;
        },
        // Six steps of a smooth descent carry the roundings of a sum on; places are of size 2: 5e-6 of it.
        ...{ values, terms: points, roundings: 60 },
      },
    ];
  },
});

export const TSNE: KernelFamily = {
  kernels: 'tsne',
  cases: [
    ...(
      [
        [1, 1],
        [2, 1e-4],
        [5, 1],
        [64, 30],
        [131, 5],
        [700, 20],
      ] as const
    ).map(forcesCase),
    stepsCase(301),
  ],
};
