import { SAMPLER_NAMES } from '../../src/data/samplers/index.ts';
import { LOSS_NAMES } from '../../src/nn/losses/index.ts';
import { MODEL_NAMES } from '../../src/nn/models/index.ts';
import { OPTIMIZER_NAMES } from '../../src/nn/optimizers/index.ts';
import type { RunSetUp, SetUp } from '../protocol.ts';

/** What a visitor finds: small enough for a machine without a GPU, and imbalanced enough for rare classes to be lost. */
export const FIRST: SetUp = {
  ...{ data: 'mnist', perClass: 500, imbalance: 50, model: 'custom-cnn', width: 0.125 },
  ...{ optimizer: 'adam', lr: 0.001, batchSize: 32, seed: 42 },
  runs: [
    { loss: 'ce', sampler: 'none' },
    { loss: 'balanced-softmax', sampler: 'none' },
  ],
};

/** The same for an adapter that computes on the processor. */
export const FIRST_ON_SOFTWARE: SetUp = { ...FIRST, perClass: 200, width: 1 / 16, batchSize: 16 };

const number = (text: string | null, usual: number, low: number, high: number) => {
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : usual;
};
const whole = (text: string | null, usual: number, low: number, high: number) =>
  Math.round(number(text, usual, low, high));
const among = <T extends string>(text: string | null, names: readonly T[], usual: T): T =>
  names.includes(text as T) ? (text as T) : usual;

/** The set-up of a link; what it does not say, or says wrongly, is as a visitor finds it. */
export function readSetUp(query: string): SetUp {
  const told = new URLSearchParams(query);
  const run = (i: number): RunSetUp => ({
    loss: among(told.get(`loss${i + 1}`), LOSS_NAMES, FIRST.runs[i].loss),
    sampler: among(told.get(`sampler${i + 1}`), SAMPLER_NAMES, FIRST.runs[i].sampler),
  });
  return {
    data: told.get('data') ?? FIRST.data,
    perClass: whole(told.get('perClass'), FIRST.perClass, 10, 5000),
    imbalance: number(told.get('imbalance'), FIRST.imbalance, 1, 500),
    model: among(told.get('model'), MODEL_NAMES, FIRST.model),
    width: number(told.get('width'), FIRST.width, 1 / 64, 2),
    optimizer: among(told.get('optimizer'), OPTIMIZER_NAMES, FIRST.optimizer),
    lr: number(told.get('lr'), FIRST.lr, 0, 100),
    batchSize: whole(told.get('batch'), FIRST.batchSize, 2, 512),
    seed: whole(told.get('seed'), FIRST.seed, 0, 2 ** 31),
    runs: told.get('runs') === '1' ? [run(0)] : [run(0), run(1)],
  };
}

/** The query of a link to a set-up. */
export function writeSetUp({ runs, batchSize, ...rest }: SetUp): string {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) told.set(name, String(value));
  told.set('batch', String(batchSize));
  told.set('runs', String(runs.length));
  for (const [i, { loss, sampler }] of runs.entries()) {
    told.set(`loss${i + 1}`, loss);
    told.set(`sampler${i + 1}`, sampler);
  }
  return `?${told}`;
}
