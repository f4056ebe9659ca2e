import { ShapeError } from '../runtime/errors.ts';

/** Dimensions that the strided kernels take, once those were merged that lie alike in all arrays. */
const MOST_DIMENSIONS = 6;

/** Sizes of a result, outermost first, and of each array the elements from one index of a dimension to the next. */
export interface Strided {
  sizes: readonly number[];
  strides: Readonly<Record<string, readonly number[]>>;
}

/** Elements from one index of a dimension to the next in a dense array. */
export function denseStrides(shape: readonly number[]): number[] {
  return shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1));
}

/** The same elements in fewer dimensions: those of size 1 are left out, and neighbours that lie behind one another in all arrays become one. */
export function mergeDimensions({ sizes, strides }: Strided): Strided {
  const merged: number[] = [];
  const names = Object.keys(strides);
  const own: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  sizes.forEach((size, d) => {
    if (size === 1) return;
    const last = merged.length - 1;
    const joins = last >= 0 && names.every((name) => own[name][last] === strides[name][d] * size);
    if (joins) merged[last] *= size;
    else merged.push(size);
    for (const name of names) own[name][joins ? last : merged.length - 1] = strides[name][d];
  });
  return { sizes: merged, strides: own };
}

/** Parameters of a strided kernel. Throws ShapeError where too many dimensions are left. */
export function stridedParams(operation: string, view: Strided): Record<string, number> {
  const { sizes, strides } = mergeDimensions(view);
  const missing = MOST_DIMENSIONS - sizes.length;
  if (missing < 0) {
    throw new ShapeError(
      `${operation}: the result [${view.sizes}] takes ${sizes.length} dimensions that lie unlike; there may be ${MOST_DIMENSIONS}.`,
    );
  }
  const params: Record<string, number> = { count: sizes.reduce((product, size) => product * size, 1) };
  for (let d = 0; d < MOST_DIMENSIONS; d++) {
    params[`size_${d}`] = sizes[d - missing] ?? 1;
    for (const name in strides) params[`${name}_${d}`] = strides[name][d - missing] ?? 0;
  }
  return params;
}
