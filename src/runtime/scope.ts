/** What a scope gives back when it ends. */
export interface ScopedArray {
  release(): void;
}

/** Something that holds device arrays and says which, so that a scope can pass it on; an array holds itself. */
interface ArrayOwner<A> {
  deviceArrays(): Iterable<A>;
}

/** Told when a scope ends, before its arrays are recycled; `result` is what the scope returned. */
export type ScopeListener = (scope: Scope, result: unknown) => void;

function isOwner<A>(value: object): value is ArrayOwner<A> {
  return typeof (value as Partial<ArrayOwner<A>>).deviceArrays === 'function';
}

/** Calls `visit` for every object inside arrays and plain objects, itself included. */
export function forEachInside(value: unknown, visit: (found: object) => void): void {
  if (typeof value !== 'object' || value === null) return;
  visit(value);
  if (Array.isArray(value)) for (const item of value) forEachInside(item, visit);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) forEachInside(item, visit);
  }
}

/** The arrays born in one stretch of work. */
export class Scope<A extends ScopedArray = ScopedArray> {
  readonly parent: Scope<A> | undefined;
  readonly arrays = new Set<A>();

  constructor(parent: Scope<A> | undefined) {
    this.parent = parent;
  }

  /** The arrays inside a returned value. */
  returned(result: unknown): A[] {
    const found: A[] = [];
    forEachInside(result, (value) => {
      if (isOwner<A>(value)) found.push(...value.deviceArrays());
    });
    return found;
  }
}
