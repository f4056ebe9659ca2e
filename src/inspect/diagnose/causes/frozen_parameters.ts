import type { Cause } from '../cause.ts';
import { firstStep, isWeight, layersOf, names, share } from '../figures.ts';
import type { ParameterSample } from '../training_history.ts';

/** Parameters that do not learn: meant so in transfer learning, a fault where they hold their first random numbers. */
export const frozenParameters: Cause = {
  name: 'frozen-parameters',
  title: 'Parameters are frozen',
  explains: ['learning-rate-too-small', 'shuffled-labels'],
  look(history) {
    const sample = firstStep(history) ?? history.samples[0];
    const frozen = sample?.parameters.filter(({ learns }) => !learns) ?? [];
    if (sample === undefined || frozen.length === 0) return undefined;
    const counted = `${frozen.length} of ${sample.parameters.length} parameters are frozen (${names(frozen.map(({ name }) => name))})`;
    const output = layersOf(sample, 'weights').at(-1)?.name;
    const ofOutput = frozen.some(({ name, ...one }) => isWeight({ name, ...one }) && name === `${output}.weight`);
    if (ofOutput) {
      return {
        evidence: `${counted}, the weight of the last layer, ${output}, among them.`,
        remedy: 'Let the last layer learn: its requiresGrad must be true, and the optimizer must have it.',
      };
    }
    const weights = frozen.filter(isWeight);
    const random = weights.filter(looksRandom);
    if (weights.length > 0 && random.length > weights.length / 2 && !someNormLearned(frozen)) {
      return {
        evidence: `${counted}, and ${share(random.length / weights.length)} of their weights have the size that initialisation gives: nothing was learned in them.`,
        remedy: 'Load pretrained weights before freezing, or let the layers learn (setRequiresGrad(true)).',
      };
    }
    return { evidence: `${counted}.`, remedy: 'Nothing, where that is meant.', level: 'note' };
  },
};

/** Whether a frozen normalisation was trained before: its bias begins at 0. */
function someNormLearned(frozen: readonly ParameterSample[]): boolean {
  const norms = frozen.filter(({ name, shape }) => name.endsWith('.weight') && shape.length === 1);
  const biases = new Set(norms.map(({ name }) => name.replace(/weight$/, 'bias')));
  return frozen.some(({ name, weightNorm }) => biases.has(name) && weightNorm > 0);
}

/** Whether the mean square of a weight is, within its sampling error, what PyTorch's default or Kaiming's initialisation gives. */
function looksRandom({ shape, weightNorm }: ParameterSample): boolean {
  const size = shape.reduce((product, length) => product * length, 1);
  const window = shape.slice(0, -2).reduce((product, length) => product * length, 1);
  const [fanIn, fanOut] = [shape[shape.length - 2] * window, shape[shape.length - 1] * window];
  const square = weightNorm ** 2 / size;
  // Standard errors of the mean square: 2 / n of a normal distribution, 0.8 / n of a uniform one, both relative.
  const expected = [
    { value: 1 / (3 * fanIn), error: Math.sqrt(0.8 / size) },
    { value: 2 / fanIn, error: Math.sqrt(2 / size) },
    { value: 2 / fanOut, error: Math.sqrt(2 / size) },
  ];
  return expected.some(({ value, error }) => Math.abs(square / value - 1) < 3 * error);
}
