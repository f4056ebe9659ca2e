import { expect, it, vi } from 'vitest';
import { adaptersInTurn } from '../../../src/lab/jobs/adapters_in_turn.ts';
import { exampleAdapter } from '../doctor/example_facts.ts';

const inTurn = (adapters: ReturnType<typeof exampleAdapter>[]) =>
  adaptersInTurn(async () => ({ adapters, problem: null, log: [] }));

it('is the chosen adapter with its twins, as far as they can be told apart, and no other', async () => {
  const twin = (index: number, pci: string | null) => exampleAdapter({ index, twins: 3, pci });
  const chosen = { ...twin(2, '0000:02:00.0'), chosen: true };
  const other = exampleAdapter({ index: 0, description: 'Another' });
  expect(await inTurn([other, twin(1, '0000:01:00.0'), chosen, twin(3, '0000:03:00.0')])).toEqual([1, 2, 3]);
  expect(await inTurn([other, twin(1, null), { ...chosen, pci: null }])).toEqual([]);
  expect(await inTurn([other, exampleAdapter({ index: 1, chosen: true })])).toEqual([]);
  expect(await inTurn([])).toEqual([]);
  vi.stubEnv('WGRAD_ADAPTER_INDEX', '2');
  expect(await inTurn([twin(1, '0000:01:00.0'), chosen])).toEqual([]);
  vi.unstubAllEnvs();
});
