import type { DeviceArray } from './gpu.ts';
import type { Memory } from './memory_pool.ts';
import { Scope, type ScopeListener } from './scope.ts';

/** Says who owns a device's arrays: the scopes that are open, or whoever refers to them. */
export class Ownership {
  /** Told of each scope that ends. */
  readonly listeners: ScopeListener[] = [];
  #scope: Scope<DeviceArray> | undefined;
  #forgotten: FinalizationRegistry<Memory>;

  /** release: gives memory back that nobody refers to any more. */
  constructor(release: (memory: Memory) => void) {
    this.#forgotten = new FinalizationRegistry(release);
  }

  /** The innermost scope that is open, if any. */
  get scope(): Scope<DeviceArray> | undefined {
    return this.#scope;
  }

  /** Makes the current scope the owner of a new array; without one it lives until nothing refers to it. */
  adopt(array: DeviceArray): void {
    this.#give(array, this.#scope);
  }

  #give(array: DeviceArray, scope: Scope<DeviceArray> | undefined): void {
    if (scope) scope.arrays.add(array);
    else {
      array.isKept = true;
      this.watch(array);
    }
  }

  /** Takes an array that a scope owns over from it, if one does: it lives until nothing refers to it. */
  #takeFromScope(array: DeviceArray): boolean {
    for (let scope = this.#scope; scope !== undefined; scope = scope.parent) {
      if (scope.arrays.delete(array)) {
        this.#give(array, undefined);
        return true;
      }
    }
    return false;
  }

  /** See `Gpu.keep`. */
  keep(array: DeviceArray): void {
    if (this.#takeFromScope(array) || array.isKept) return;
    array.retain();
    this.#give(array, undefined);
  }

  /** See `Gpu.drop`. */
  drop(array: DeviceArray): void {
    if (this.#scope?.arrays.delete(array)) array.release();
  }

  /** See `Gpu.watch`. */
  watch(array: DeviceArray): void {
    if (array.isWatched || array.isReleased) return;
    array.isWatched = true;
    this.#forgotten.register(array, array.memory, array);
  }

  /** Stops watching. */
  unwatch(array: DeviceArray): void {
    this.#forgotten.unregister(array);
    array.isWatched = false;
  }

  /** See `Gpu.scope`. */
  run<R>(work: () => R): R {
    const scope = new Scope<DeviceArray>(this.#scope);
    this.#scope = scope;
    let result: R;
    try {
      result = work();
    } catch (error) {
      this.#end(scope, undefined);
      throw error;
    }
    if (result instanceof Promise) {
      return result.then(
        (value) => {
          this.#end(scope, value);
          return value;
        },
        (error) => {
          this.#end(scope, undefined);
          throw error;
        },
      ) as R;
    }
    this.#end(scope, result);
    return result;
  }

  /** See `Gpu.unscoped`. */
  runUnscoped<R>(work: () => R): R {
    const scope = this.#scope;
    this.#scope = undefined;
    try {
      return work();
    } finally {
      this.#scope = scope;
    }
  }

  #end(scope: Scope<DeviceArray>, result: unknown): void {
    if (this.#scope !== scope) {
      throw new Error(
        'gpu.scope: scopes must end in the order they began, innermost first; await an asynchronous scope before going on.',
      );
    }
    this.#scope = scope.parent;
    for (const listener of this.listeners) listener(scope, result);
    for (const array of scope.returned(result)) {
      if (scope.arrays.delete(array)) this.#give(array, scope.parent);
    }
    for (const array of scope.arrays) array.release();
  }
}
