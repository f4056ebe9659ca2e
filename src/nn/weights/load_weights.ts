import type { Shape } from '../../autograd/tensor.ts';
import type { Module } from '../module.ts';
import { compareStates, type LoadResult } from '../state_dict.ts';
import { type HostTensor, uploadTensors } from './host_tensor.ts';
import { fromTorch, shapeToTorch } from './layout.ts';

/** How `loadWeights` takes names that do not meet. */
export interface LoadWeightsOptions {
  /** Whether each name of the model must be there and no other. Default true. */
  strict?: boolean;
  /** The model's name for a name in the file, where they differ: (name) => name.replace(/^linear\./, 'fc.'). */
  rename?: (name: string) => string;
  /** Names of the model's that keep their values, whatever the file has under them. */
  kept?: readonly string[];
}

/** What PyTorch's batch norms count and this engine's do not: it has no bearing on what they compute. */
const NOT_NEEDED = /(^|\.)num_batches_tracked$/;

/**
 * Copies weights, as readWeights gives them, into a model: by name, layouts turned into the engine's. `num_batches_tracked` is passed over.
 * Throws StateDictError, the model untouched, where names or shapes do not fit; shapes in its message are PyTorch's. Returns the names passed
 * over when not strict.
 */
export function loadWeights(
  model: Module,
  weights: ReadonlyMap<string, HostTensor<Float32Array>>,
  { strict = true, rename = (name) => name, kept = [] }: LoadWeightsOptions = {},
): LoadResult {
  const targets = model.stateDict();
  const renamed = new Map<string, HostTensor<Float32Array>>();
  for (const [name, tensor] of weights) {
    const own = rename(name);
    if ((NOT_NEEDED.test(own) && !targets.has(own)) || kept.includes(own)) continue;
    if (renamed.has(own)) throw new Error(`loadWeights: two tensors were renamed to '${own}'.`);
    renamed.set(own, tensor);
  }
  const inTorchLayout = new Map<string, { shape: Shape }>();
  for (const [name, { shape }] of targets)
    if (!kept.includes(name)) inTorchLayout.set(name, { shape: shapeToTorch(shape) });
  const result = compareStates(renamed, inTorchLayout, strict);

  const [target] = targets.values();
  if (target === undefined) return result;
  const { gpu } = target;
  const meeting = [...renamed].filter(([name]) => targets.has(name));
  gpu.scope(() => {
    const state = uploadTensors(gpu, new Map(meeting.map(([name, tensor]) => [name, fromTorch(tensor)])));
    model.loadStateDict(state, { strict: false });
  });
  return result;
}
