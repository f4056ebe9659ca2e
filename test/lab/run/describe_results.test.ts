import { expect, it } from 'vitest';
import { adapterLine } from '../../../src/lab/run/describe_results.ts';

const adapter = {
  ...{ vendor: 'example', architecture: 'nine', device: 'card-9', description: 'Card 9', software: false },
  subgroupSizes: [32, 32] as const,
};

it('names the adapter, and the one that a run was begun on where that was another', () => {
  expect(adapterLine({ adapter })).toBe('Adapter: Card 9');
  // As results.json gives it back.
  expect(adapterLine({ adapter }, { adapter: JSON.parse(JSON.stringify(adapter)) })).toBe('Adapter: Card 9');
  expect(adapterLine({ adapter }, { adapter: { ...adapter, description: 'Card 8' } })).toBe(
    'Adapter: Card 9\nIt was begun on another adapter, Card 8: from here on its numbers differ in their last bits from those of one adapter alone.',
  );
});
