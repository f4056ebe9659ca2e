import { median } from '../../runtime/timing.ts';
import type { LayerSample, ParameterSample, StepSample, TrainingHistory } from './training_history.ts';

// Figures that several causes are told by, from what a `TrainingMonitor` saw.

/** The first sample, where it is of the training's first step. */
export function firstStep({ fromStart, samples }: TrainingHistory): StepSample | undefined {
  return fromStart && samples[0]?.step === 0 ? samples[0] : undefined;
}

/** The last two samples, or fewer. */
export function lastSamples({ samples }: TrainingHistory): StepSample[] {
  return samples.slice(-2);
}

/** Whether a parameter is a weight, rather than a bias or a part of a normalisation. */
export function isWeight({ shape }: ParameterSample): boolean {
  return shape.length >= 2;
}

/** Update ÷ weight of each weight that the step changed from something: how far the step went, relative to where it was. */
export function updateRatios({ parameters }: StepSample): number[] {
  return parameters
    .filter(
      (one) => isWeight(one) && one.learns && one.optimized && one.weightNorm > 0 && one.gradientNorm !== undefined,
    )
    .map(({ updateNorm, weightNorm }) => updateNorm / weightNorm);
}

/** The largest median of a step's update ratios, and its step; NaN among them are left out. */
export function largestUpdate({ samples }: TrainingHistory): { step: number; ratio: number } {
  let largest = { step: 0, ratio: 0 };
  for (const sample of samples) {
    const ratio = median(updateRatios(sample).filter(Number.isFinite));
    if (ratio > largest.ratio) largest = { step: sample.step, ratio };
  }
  return largest;
}

/** Layers of one of the kinds. */
export function layersOf({ layers }: StepSample, ...kinds: LayerSample['kind'][]): LayerSample[] {
  return layers.filter(({ kind }) => kinds.includes(kind));
}

/** Of ReLU outputs: the layer with the largest share of dead channels, and the mean share over all; undefined without ReLU. */
export function deadReLUs(sample: StepSample): { worst: LayerSample; mean: number } | undefined {
  const layers = layersOf(sample, 'relu');
  if (layers.length === 0) return undefined;
  const worst = layers.reduce((most, one) => (one.deadChannels > most.deadChannels ? one : most));
  return { worst, mean: layers.reduce((sum, { deadChannels }) => sum + deadChannels, 0) / layers.length };
}

/** Mean slope of a sigmoid or tanh over its outputs, relative to its steepest: 1 in the middle, 0 where it is saturated. */
export function relativeSlope({ kind, mean, deviation }: LayerSample): number {
  const square = mean ** 2 + deviation ** 2;
  return kind === 'tanh' ? 1 - square : 4 * (mean - square);
}

/** Gradients with respect to the outputs of the first and the last layer with a weight, and how many such layers there are; undefined with fewer than two. */
export function gradientEnds(sample: StepSample) {
  const layers = layersOf(sample, 'weights').filter(({ gradientNorm }) => gradientNorm !== undefined);
  const [first, last] = [layers[0], layers.at(-1)];
  if (first === undefined || last === undefined || layers.length < 2) return undefined;
  const [from, to] = [first.gradientNorm as number, last.gradientNorm as number];
  return { first, last, ratio: from / to, layers: layers.length };
}

/** Norm of all gradients together. */
export function gradientNorm({ parameters }: StepSample): number {
  return Math.sqrt(parameters.reduce((sum, { gradientNorm = 0 }) => sum + gradientNorm ** 2, 0));
}

/** Cross-entropy in nats of guessing by how frequent the classes are: what can be had without looking at the images. NaN without labels. */
export function guessing({ classCounts }: TrainingHistory): number {
  const counts = classCounts.filter((count) => count > 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? Number.NaN : -counts.reduce((sum, count) => sum + (count / total) * Math.log(count / total), 0);
}

/** Cross-entropy in the first step; undefined where that was not seen. */
export function firstCrossEntropy(history: TrainingHistory): number | undefined {
  return firstStep(history) && history.windows[0]?.crossEntropy;
}

/** Mean cross-entropy over the last windows, of some 50 steps where there are as many. */
export function lastCrossEntropy({ windows, every }: TrainingHistory): number | undefined {
  let [sum, steps] = [0, 0];
  for (let i = windows.length - 1; i >= 0 && steps < every; i--) {
    const { first, last, crossEntropy } = windows[i];
    if (crossEntropy === undefined) return undefined;
    sum += crossEntropy * (last - first + 1);
    steps += last - first + 1;
  }
  return steps === 0 ? undefined : sum / steps;
}

/**
 * Whether images that are new to the network get a larger logit of their own label than others in their batch: a mean over batches divided by its
 * standard error. About 0 ± 1 where the network knows nothing of how labels follow from images. Of the first epoch, where its length is known.
 */
export function alignment({ windows, stepsPerEpoch = Number.POSITIVE_INFINITY }: TrainingHistory) {
  let [sum, squares, batches, images] = [0, 0, 0, 0];
  for (const { last, alignment } of windows) {
    if (alignment === undefined || last >= stepsPerEpoch) continue;
    sum += alignment.sum;
    squares += alignment.squares;
    batches += alignment.batches;
    images += alignment.images;
  }
  const mean = sum / batches;
  return { errors: mean / Math.sqrt((squares / batches - mean ** 2) / batches), mean, batches, images };
}

/** The first step whose loss was NaN or infinite. */
export function firstNonFinite({ windows }: TrainingHistory): number | undefined {
  return windows.find((window) => window.firstNonFinite !== undefined)?.firstNonFinite;
}

/** A number for people, with three digits. */
export function tell(value: number): string {
  if (!Number.isFinite(value)) return `${value}`;
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : `${Number(value.toPrecision(3))}`;
}

/** A share as a percentage. */
export function share(value: number): string {
  return `${Math.round(100 * value)} %`;
}

/** Names, the first three of many. */
export function names(all: readonly string[]): string {
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
