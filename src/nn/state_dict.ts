import type { Shape, Tensor } from '../autograd/tensor.ts';

/** The tensors that make up a module, by their dotted names. */
export type StateDict = Map<string, Tensor>;

/** Names that did not meet when a state was loaded without `strict`. */
export interface LoadResult {
  /** In the module, not in the state: left as they were. */
  missing: string[];
  /** In the state, not in the module: passed over. */
  unexpected: string[];
}

const MOST_NAMES = 20;

function list(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}

/** A state that does not fit a module or an optimizer. Its message has one sentence for each kind of misfit. */
export class StateDictError extends Error {
  override readonly name = 'StateDictError';
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly mismatched: readonly string[];

  constructor(missing: string[], unexpected: string[], mismatched: string[]) {
    const sentences: string[] = [];
    if (missing.length > 0) sentences.push(`Missing from the state: ${list(missing)}.`);
    if (unexpected.length > 0) sentences.push(`Unexpected in the state: ${list(unexpected)}.`);
    if (mismatched.length > 0) sentences.push(`Of another shape: ${list(mismatched)}.`);
    super(`${sentences.join(' ')} Nothing was loaded.`);
    this.missing = missing;
    this.unexpected = unexpected;
    this.mismatched = mismatched;
  }
}

/**
 * Compares the names and shapes of a state with those that are needed.
 * Throws StateDictError where a shape differs or, with `strict`, a name is missing or unexpected, with all of them in its lists.
 */
export function compareStates(
  from: ReadonlyMap<string, { shape: Shape }>,
  to: ReadonlyMap<string, { shape: Shape }>,
  strict: boolean,
): LoadResult {
  const missing = [...to.keys()].filter((name) => !from.has(name));
  const unexpected = [...from.keys()].filter((name) => !to.has(name));
  const mismatched: string[] = [];
  for (const [name, { shape }] of to) {
    const source = from.get(name);
    if (source && `${source.shape}` !== `${shape}`) {
      mismatched.push(`${name} ([${source.shape}] where [${shape}] is needed)`);
    }
  }
  if (mismatched.length > 0 || (strict && missing.length + unexpected.length > 0)) {
    throw new StateDictError(strict ? missing : [], strict ? unexpected : [], mismatched);
  }
  return { missing, unexpected };
}

/** Copies `from` over `to` by name, on the device, after everything was checked. See `Module.loadStateDict`. */
export function copyStateDict(from: StateDict, to: StateDict, strict: boolean): LoadResult {
  const result = compareStates(from, to, strict);
  for (const [name, target] of to) {
    const source = from.get(name);
    if (source) checkDevice(target.gpu, 'loadStateDict', source.buffer, `'${name}'`);
  }
  for (const [name, target] of to) {
    const source = from.get(name);
    // A buffer may not be copied onto itself.
    if (source && source.buffer !== target.buffer)
      target.gpu.copyRange(source.buffer, 0, target.buffer, 0, target.size);
  }
  return result;
}

import { checkDevice } from '../runtime/same_device.ts';
