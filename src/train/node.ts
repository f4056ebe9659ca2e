// The door of `wgrad/train` under Node: checkpoints in files, besides all that runs in a browser.
export { loadCheckpoint, saveCheckpoint } from './files/checkpoint_files.ts';
export * from './index.ts';
