import { dataPlaces, listPlaces } from '../../data/sources/data_places.ts';
import { findDatasets } from '../../data/sources/load_dataset.ts';
import { hostEnvironment } from '../../node/host_environment.ts';
import type { DatasetFact } from './facts.ts';

/**
 * Looks for every dataset the lab knows.
 *
 * @returns `folderProblem` says why `dataDir` or WGRAD_DATA cannot be used, null where they can
 */
export async function surveyDatasets(
  dataDir?: string,
): Promise<{ folderProblem: string | null; datasets: DatasetFact[] }> {
  const environment = hostEnvironment();
  const options = { environment, ...(dataDir !== undefined && { dataDir }) };
  let nowhere: string | null = null;
  let folderProblem: string | null = null;
  try {
    nowhere = listPlaces(await dataPlaces(options));
  } catch (error) {
    folderProblem = error instanceof Error ? error.message : String(error);
  }
  const datasets = (await findDatasets(options)).map(({ name, found, where, problem = null }) => ({
    name,
    found,
    // Where nothing is there, the places looked in are named; a folder or file is named only where there is one.
    damaged: !found && nowhere !== null && where !== nowhere && !where.startsWith(`${nowhere}, `),
    where,
    problem,
  }));
  return { folderProblem, datasets };
}
