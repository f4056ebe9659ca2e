import { expect, it } from 'vitest';
import { figuresOf, formatFindings } from '../../../src/inspect/diagnose/describe.ts';
import { Finding } from '../../../src/inspect/diagnose/diagnose.ts';
import { useGpu } from '../../gpu.ts';
import { NETWORKS, watchTraining } from './small_trainings.ts';

const held = useGpu();

it('tells the figures with what is usual', async () => {
  const history = await watchTraining(held.gpu, { model: NETWORKS.mlp(held.gpu, 1) }, { steps: 6 });
  const figures = Object.fromEntries(figuresOf(history).map(({ name, value }) => [name, value]));
  expect(figures).toMatchObject({ 'dead channels, worst ReLU layer': expect.stringMatching(/^\d+ %$/) });
  expect(Number(figures['cross-entropy of the first step'])).toBeCloseTo(history.windows[0].loss, 2);
  expect(Object.keys(figures)).toContain('update ÷ weight, median layer');
  expect(figuresOf({ ...history, samples: [], windows: [] })).toEqual([]);
});

it('numbers findings, says what follows from what, and tells notes apart', () => {
  const finding = { evidence: 'It is 5.', remedy: 'Make it 1.', level: 'warning' } as const;
  const text = formatFindings([
    new Finding({ ...finding, cause: 'learning-rate-too-large', title: 'The rate is large' }),
    new Finding({
      ...{ ...finding, cause: 'dead-relus', title: 'ReLUs are dead' },
      followsFrom: 'learning-rate-too-large',
    }),
    new Finding({ ...finding, cause: 'frozen-parameters', title: 'Parameters are frozen', level: 'note' }),
  ]);
  expect(text.split('\n').filter((_, i) => i % 3 === 0)).toEqual([
    '1. The rate is large.',
    '2. ReLUs are dead (follows from: The rate is large).',
    '3. Note: Parameters are frozen.',
  ]);
  expect(text).toContain('\n   It is 5.\n   What to do: Make it 1.\n');
});
