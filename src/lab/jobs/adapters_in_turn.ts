import { indexInEnvironment } from '../../node/adapter_list.ts';
import { surveyAdapters } from '../doctor/adapters.ts';
import type { AdapterFact } from '../doctor/facts.ts';

/**
 * The indices of the adapters on which equal commands come to equal bits: the one that is taken where nothing is said, and its twins that can be told
 * apart. Empty where there is none beside it, and where one was named: then nothing needs to be said.
 */
export async function adaptersInTurn(survey = surveyAdapters): Promise<number[]> {
  if (indexInEnvironment() !== undefined) return [];
  const { adapters } = await survey();
  const chosen = adapters.find((adapter) => adapter.chosen);
  if (chosen === undefined) return [];
  const isAlike = ({ description, vendor, backend, pci }: AdapterFact) =>
    description === chosen.description && vendor === chosen.vendor && backend === chosen.backend && pci !== null;
  return adapters.filter(isAlike).flatMap(({ index }) => index ?? []);
}
