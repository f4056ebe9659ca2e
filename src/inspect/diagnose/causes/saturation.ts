import type { Cause } from '../cause.ts';
import { firstStep, lastSamples, layersOf, relativeSlope, share } from '../figures.ts';
import type { StepSample } from '../training_history.ts';

/** Mean slope, relative to the steepest, below which a sigmoid or tanh lets hardly any gradient through. */
const FLAT = 0.12;

/** Sigmoids or tanhs at the flat ends of their curves. */
export const saturation: Cause = {
  name: 'saturation',
  title: 'Sigmoid or tanh layers are saturated',
  explains: ['initial-scale', 'vanishing-gradients', 'exploding-gradients', 'learning-rate-too-small'],
  look(history) {
    const first = firstStep(history);
    const atFirst = first && flattest(first);
    if (atFirst && atFirst.slope < FLAT) {
      return {
        evidence: `In the first step the slope of ${atFirst.name} is ${share(atFirst.slope)} of its steepest, on average: its inputs are too large, and hardly any gradient comes through.`,
        remedy: 'Draw smaller first weights (deviation 1/√fanIn), put a batch norm before it, or take ReLU.',
      };
    }
    const last = lastSamples(history);
    const later = last.flatMap((sample) => flattest(sample, 'all') ?? []);
    if (last.length < 2 || later.length < 2 || later.some(({ slope }) => !(slope < FLAT))) return undefined;
    return {
      evidence: `In steps ${last.map(({ step }) => step).join(' and ')} the slope of every sigmoid or tanh is at most ${share(later[1].slope)} of its steepest, on average.`,
      remedy: 'Lower the learning rate, put batch norms before these layers, or take ReLU.',
    };
  },
};

/** The layer whose slope is the smallest; with 'all' the largest. */
function flattest(sample: StepSample, of: 'any' | 'all' = 'any'): { name: string; slope: number } | undefined {
  const slopes = layersOf(sample, 'sigmoid', 'tanh').map((layer) => ({
    name: layer.name || 'the model',
    slope: relativeSlope(layer),
  }));
  slopes.sort((a, b) => a.slope - b.slope);
  return of === 'any' ? slopes[0] : slopes.at(-1);
}
