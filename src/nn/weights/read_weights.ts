import { named, shown, WeightsFormatError } from './format_error.ts';
import type { HostTensor } from './host_tensor.ts';
import { toTorch } from './layout.ts';
import { isSafetensors, readSafetensors } from './safetensors.ts';
import { isPickle, readTorchLegacy, readTorchZip } from './torch_file.ts';
import { elementCount, TorchTensor, toHostTensor } from './torch_objects.ts';
import { isZip } from './zip_entries.ts';

/** Weights by name, in PyTorch's layouts, as they stand in files. */
export type Weights = Map<string, HostTensor<Float32Array>>;

/** In the metadata of a checkpoint of the lab's: its tensors `model.NAME` are in the engine's layouts. */
export const CHECKPOINT_FORMAT = 'wgrad-checkpoint';
const CHECKPOINT_PREFIX = 'model.';

/** Under what keys a state dict is found beside other things, first to last. */
const STATE_DICT_KEYS = ['state_dict', 'model_state_dict', 'model', 'net'];
const MOST_NESTING = 3;
/** What wrappers (DataParallel, torch.compile) put before every name. */
const WRAPPERS = ['module.', '_orig_mod.'];

/** How many numbers tensors may hold per byte of their file; one byte each where none looks at another's. */
const MOST_NUMBERS_PER_BYTE = 4;
const ALWAYS_ALLOWED = 2 ** 20;

/**
 * Reads named tensors from a file of weights: safetensors, a PyTorch file (.pth, .pt, .th; zip or legacy form), or a checkpoint of the lab's.
 * The format is known by its content. Tensors are in PyTorch's layouts and float32, whatever they were. In a PyTorch file the state dict is
 * the object itself or under `state_dict`, `model_state_dict`, `model` or `net`; what is no tensor is passed over. `module.` before every
 * name is taken away.
 *
 * Nothing in the file is trusted, and no code in it is run.
 * @throws WeightsFormatError, one sentence, where it is damaged, of another format, or a pickle that would call anything.
 */
export function readWeights(file: Uint8Array): Weights {
  if (isZip(file)) return withoutWrapper(fromTorchObject(readTorchZip(file), file.length));
  if (isSafetensors(file)) return withoutWrapper(fromSafetensors(file));
  if (isPickle(file)) return withoutWrapper(fromTorchObject(readTorchLegacy(file), file.length));
  throw new WeightsFormatError(
    `The file of ${file.length} bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.`,
  );
}

function fromSafetensors(file: Uint8Array): Weights {
  const { tensors, metadata } = readSafetensors(file);
  const isCheckpoint = metadata.format === CHECKPOINT_FORMAT;
  const weights: Weights = new Map();
  for (const [name, { shape, data }] of tensors) {
    const tensor = { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
    if (!isCheckpoint) weights.set(name, tensor);
    else if (name.startsWith(CHECKPOINT_PREFIX)) weights.set(name.slice(CHECKPOINT_PREFIX.length), toTorch(tensor));
  }
  return weights;
}

function fromTorchObject(value: unknown, fileBytes: number): Weights {
  const found = findStateDict(value, MOST_NESTING);
  if (found === undefined) {
    const what =
      value instanceof Map
        ? `at its top are ${
            [...value.keys()]
              .slice(0, 10)
              .map((key) => shown(key))
              .join(', ') || 'no names'
          }`
        : 'it is no dictionary';
    throw new WeightsFormatError(`The PyTorch file holds no state dict: ${what}.`);
  }
  let left = MOST_NUMBERS_PER_BYTE * fileBytes + ALWAYS_ALLOWED;
  const weights: Weights = new Map();
  for (const [name, tensor] of found) {
    if (!(tensor instanceof TorchTensor)) continue;
    if (typeof name !== 'string') {
      throw new WeightsFormatError(`The state dict names a tensor ${shown(name)}, which is no text.`);
    }
    left -= elementCount(tensor);
    if (left < 0) {
      throw new WeightsFormatError(
        `The tensors come to far more numbers than the file's ${fileBytes} bytes hold, by ${named(name)} of shape [${tensor.shape}] at the latest.`,
      );
    }
    weights.set(name, toHostTensor(tensor));
  }
  return weights;
}

function findStateDict(value: unknown, nesting: number): ReadonlyMap<unknown, unknown> | undefined {
  if (!(value instanceof Map) || nesting === 0) return undefined;
  for (const key of STATE_DICT_KEYS) {
    const found = findStateDict(value.get(key), nesting - 1);
    if (found) return found;
  }
  return [...value.values()].some((item) => item instanceof TorchTensor) ? value : undefined;
}

function withoutWrapper(weights: Weights): Weights {
  for (const prefix of WRAPPERS) {
    const names = [...weights.keys()];
    if (names.length === 0 || !names.every((name) => name.startsWith(prefix))) continue;
    return withoutWrapper(new Map([...weights].map(([name, tensor]) => [name.slice(prefix.length), tensor])));
  }
  return weights;
}
