import { ShapeError } from '../runtime/errors.ts';
import type { Shape } from './tensor.ts';

/** The dimension that an axis names; negative ones count from the end. Throws ShapeError where there is none. */
export function axisOf(operation: string, shape: Shape, axis: number): number {
  const d = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(d) || d < 0 || d >= shape.length) {
    throw new ShapeError(`${operation}: there is no dimension ${axis} in the shape [${shape}].`);
  }
  return d;
}

/** Of each dimension whether the axes name it, all where there are none. Throws ShapeError for one that is not there or is named twice, and for []. */
export function axesOf(operation: string, shape: Shape, axes: number | readonly number[] | undefined): boolean[] {
  if (axes === undefined) return shape.map(() => true);
  const named = typeof axes === 'number' ? [axes] : axes;
  if (named.length === 0) {
    throw new ShapeError(`${operation}: no dimensions are given; leave them out to take all of them.`);
  }
  const found = shape.map(() => false);
  for (const axis of named) {
    const d = axisOf(operation, shape, axis);
    if (found[d]) throw new ShapeError(`${operation}: dimension ${d} of the shape [${shape}] is given twice.`);
    found[d] = true;
  }
  return found;
}
