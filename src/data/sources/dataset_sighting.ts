import type { DatasetName } from '../image_dataset.ts';

/** What a cheap look found: `where` says the folder, file or package, or, if there is none, the places looked in. */
export interface DatasetSighting {
  name: DatasetName;
  found: boolean;
  where: string;
  problem?: string;
}
