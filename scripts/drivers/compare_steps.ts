import type { Steps } from './training_steps.ts';

/**
 * Largest difference that is allowed between two drivers, of the numbers of `StepDifference`. A driver may add in another order and round exp, √ and
 * 1 ÷ x otherwise (WGSL allows some units in the last place), so each of the some hundred kernels on the way through a network adds an error of about
 * √n · 6e-8 for sums of n terms; batch normalisation and depth make it larger. The same driver with the naive kernels, which add in another order too,
 * shows how large that is, and stands in the table. A kernel that is wrong differs by 1e-1 and more.
 */
export const TOLERANCE = 1e-3;

/** How far two drivers are apart after one step. */
export interface StepDifference {
  network: string;
  /** |a − b| ÷ |b|. */
  loss: number;
  /**
   * ‖a − b‖ ÷ ‖b‖ of the parameter where that is largest. ‖b‖ counts as no less than a tenth of what the root mean square over all parameters would make
   * it: the gradient of a bias before a batch normalisation is 0 but for rounding.
   */
  gradients: number;
  weights: number;
}

const floats = (text: string) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);

function largestDifference(some: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): number {
  const all = Object.entries(other).map(([name, text]) => ({ name, b: floats(text) }));
  const rms = Math.sqrt(sum(all.flatMap(({ b }) => squares(b))) / sum(all.map(({ b }) => b.length)));
  return Math.max(
    ...all.map(({ name, b }) => {
      if (some[name] === undefined) return Number.NaN;
      const a = floats(some[name]);
      const difference = Math.sqrt(sum([squares(a.map((value, i) => value - b[i]))]));
      return difference / Math.max(Math.sqrt(squares(b)), 0.1 * rms * Math.sqrt(b.length));
    }),
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const squares = (values: Float32Array) => values.reduce((total, value) => total + value * value, 0);

/** The differences of each network between two drivers. */
export function compareSteps(some: Steps, other: Steps): StepDifference[] {
  return Object.entries(other.networks).map(([network, b]) => {
    const a = some.networks[network];
    return {
      network,
      loss: Math.abs(a.loss - b.loss) / Math.abs(b.loss),
      gradients: largestDifference(a.gradients, b.gradients),
      weights: largestDifference(a.weights, b.weights),
    };
  });
}
