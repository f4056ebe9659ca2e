import { DeviceArray } from './device_array.ts';

/** Something that holds device arrays and says which, so that a scope can pass it on. */
export interface ArrayOwner {
  deviceArrays(): Iterable<DeviceArray>;
}

/** Told when a scope ends, before its arrays are recycled; `result` is what the scope returned. */
export type ScopeListener = (scope: Scope, result: unknown) => void;

function isOwner(value: object): value is ArrayOwner {
  return typeof (value as Partial<ArrayOwner>).deviceArrays === 'function';
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
export class Scope {
  readonly parent: Scope | undefined;
  readonly arrays = new Set<DeviceArray>();

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  /** The arrays inside a returned value. */
  returned(result: unknown): DeviceArray[] {
    const found: DeviceArray[] = [];
    forEachInside(result, (value) => {
      if (value instanceof DeviceArray) found.push(value);
      else if (isOwner(value)) found.push(...value.deviceArrays());
    });
    return found;
  }
}
