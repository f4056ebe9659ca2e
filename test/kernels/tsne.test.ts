import { describe, expect, it } from 'vitest';
import { TsnePoints, tsneStride } from '../../src/kernels/tsne.ts';
import { randomValues, useGpu } from '../gpu.ts';

const held = useGpu();

/** Symmetric affinities with sum 1 in padded rows, and places [2, stride] with anything in the padding. */
function example(points: number, seed: number, spread: number) {
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

interface Sums {
  /** Attraction x and y, repulsion x and y, weight. */
  values: Float64Array[];
  /** The same with each term's magnitude: what rounding is measured by. */
  magnitudes: Float64Array[];
}

/** The sums of shaders/tsne_forces.wgsl in float64. */
function reference(affinities: Float32Array, places: ArrayLike<number>, points: number): Sums {
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

describe('tsneForces', () => {
  // Each term is off by about ten roundings, 6e-7 of it; summing N of them in order adds at most N roundings, in the mean √N: 1e-5 holds both
  // for 700. A point's own weight, 1, is taken away again, which leaves a rounding of a sum of that size.
  it.each([
    { points: 1, spread: 1, slices: 16 },
    { points: 2, spread: 1e-4, slices: 16 },
    { points: 5, spread: 1, slices: 16 },
    { points: 64, spread: 30, slices: 16 },
    { points: 131, spread: 5, slices: 7 },
    { points: 700, spread: 20, slices: 1 },
  ])('sums over $points points within ±$spread as float64 does', async ({ points, spread, slices }) => {
    const { gpu } = held;
    const { stride, affinities, start } = example(points, points, spread);
    const device = new TsnePoints(gpu, points, affinities, start);
    // On a device of another size the same sums come in other slices.
    if (gpu.adapter.software) expect(device.slices).toBe(slices);
    const found = await gpu.scope(() => device.forces()).read();
    const { values, magnitudes } = reference(affinities, start, points);
    for (const [k, column] of values.entries()) {
      for (const [i, expected] of column.entries()) {
        let sum = 0;
        for (let slice = 0; slice < device.slices; slice++) sum += found[(slice * 5 + k) * stride + i];
        const own = k === 4 ? 1 : 0;
        expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-5 * (magnitudes[k][i] + own));
      }
    }
  });
});

describe('tsne steps', () => {
  it('go as van der Maaten and Hinton have them: momentum, gains, exaggeration', async () => {
    const points = 301;
    const { stride, affinities, start } = example(points, 9, 2);
    const device = new TsnePoints(held.gpu, points, affinities, start);
    const places = Float64Array.from(start);
    const velocity = new Float64Array(2 * stride);
    const gains = new Float64Array(2 * stride).fill(1);
    const seen = new Set<number>();
    for (let step = 0; step < 6; step++) {
      const how = step < 3 ? { exaggeration: 12, momentum: 0.5, lr: 50 } : { exaggeration: 1, momentum: 0.8, lr: 400 };
      device.step(how);
      const [ax, ay, rx, ry, weight] = reference(affinities, places, points).values;
      const z = weight.reduce((sum, value) => sum + value, 0);
      for (const [axis, [attraction, repulsion]] of [
        [ax, rx],
        [ay, ry],
      ].entries()) {
        for (let i = 0; i < points; i++) {
          const at = axis * stride + i;
          const gradient = 4 * (how.exaggeration * attraction[i] - repulsion[i] / z);
          gains[at] = Math.max(0.01, velocity[at] * gradient < 0 ? gains[at] + 0.2 : gains[at] * 0.8);
          velocity[at] = how.momentum * velocity[at] - how.lr * gains[at] * gradient;
          places[at] += velocity[at];
          seen.add(Number(gains[at].toFixed(3)));
        }
      }
    }
    const found = await device.read();
    // Six steps of a smooth descent carry the roundings of a sum on; places are of size 2.
    for (let axis = 0; axis < 2; axis++) {
      for (let i = 0; i < points; i++) {
        const at = axis * stride + i;
        expect(Math.abs(found[at] - places[at])).toBeLessThan(1e-5);
        expect(Math.abs(places[at] - start[at])).toBeGreaterThan(0);
      }
    }
    // Gains went both ways.
    expect(Math.max(...seen)).toBeGreaterThan(1);
    expect(Math.min(...seen)).toBeLessThan(0.5);
    device.release();
  });

  it('are the same bit for bit on every run', async () => {
    const { gpu } = held;
    const { affinities, start } = example(131, 4, 1);
    const run = async () => {
      const device = new TsnePoints(gpu, 131, affinities, start);
      for (let step = 0; step < 30; step++) device.step({ exaggeration: 12, momentum: 0.5, lr: 50 });
      return (await device.read()).filter((_, at) => at % tsneStride(131) < 131);
    };
    expect(await run()).toEqual(await run());
  });
});
