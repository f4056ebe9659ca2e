import { readFile } from 'node:fs/promises';
import type { Module } from '../../nn/module.ts';
import { StateDictError } from '../../nn/state_dict.ts';
import { WeightsFormatError } from '../../nn/weights/format_error.ts';
import { loadWeights } from '../../nn/weights/load_weights.ts';
import { readWeights, type Weights } from '../../nn/weights/read_weights.ts';
import { UserError } from '../../runtime/errors.ts';
import { type RecordedNetwork, recordedNetwork } from './recorded_network.ts';

/**
 * Reads a file of weights, and what it says of their network. Throws UserError, one sentence that names the file, where it cannot be read or is
 * damaged.
 */
export async function readWeightsFile(
  path: string,
): Promise<{ weights: Weights; recorded: RecordedNetwork | undefined }> {
  const file = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such file' : cause.code === 'EISDIR' ? 'it is a folder' : cause.message;
    throw new UserError(`The weights ${path} cannot be read: ${why}.`, { cause });
  });
  try {
    return { weights: readWeights(file), recorded: recordedNetwork(file) };
  } catch (cause) {
    if (!(cause instanceof WeightsFormatError)) throw cause;
    throw new UserError(`The weights ${path} cannot be used: ${cause.message}`, { cause });
  }
}

const MOST_NAMES = 3;

/** Loads weights. Throws UserError, one sentence that begins with `misfit`, where names or shapes do not fit; nothing is loaded then. */
export function loadFile(model: Module, weights: Weights, misfit: string): void {
  try {
    loadWeights(model, weights);
  } catch (cause) {
    if (!(cause instanceof StateDictError)) throw cause;
    const { mismatched, missing, unexpected } = cause;
    const kinds = [
      ['of another shape', mismatched],
      ['missing', missing],
      ['unexpected', unexpected],
    ] as const;
    const phrases = kinds.flatMap(([kind, names]) => {
      if (names.length === 0) return [];
      const more = names.length > MOST_NAMES ? ', …' : '';
      return [
        `${names.length} ${names.length === 1 ? 'is' : 'are'} ${kind} (${names.slice(0, MOST_NAMES).join(', ')}${more})`,
      ];
    });
    throw new UserError(`${misfit}: of its tensors ${phrases.join(', ')}.`, { cause });
  }
}
