import { expect, it } from 'vitest';
import { tailLines } from '../../../src/lab/run/describe_results.ts';

it('says how an imbalance was made and which images it kept, and nothing where there is none', () => {
  expect(tailLines({ imbalance: 100 }, 7)).toEqual([
    'Imbalance: long-tail, ratio 100, the classes in their order; of each class images drawn by seed 7.',
  ]);
  expect(tailLines({ imbalance: 10, imbalanceType: 'step', tailImages: 'first' }, 7)).toEqual([
    'Imbalance: step, ratio 10, the classes in their order; of each class the first ones.',
  ]);
  expect(tailLines({ imbalance: 1 }, 7)).toEqual([]);
  expect(tailLines({ imbalance: null }, 7)).toEqual([]);
});
