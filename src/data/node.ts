// The door of `wgrad/data` under Node: what reads and downloads image sets, besides all that runs in a browser.
export * from './index.ts';
export type { DatasetSighting } from './sources/dataset_sighting.ts';
export { DatasetUnavailable } from './sources/dataset_unavailable.ts';
export { findDatasets, type LoadOptions, loadDataset } from './sources/load_dataset.ts';
export { loadOwnImages, type OwnImagesOptions } from './sources/own/own_images.ts';
