import { sumAxes } from '../kernels/broadcast.ts';
import { denseStrides } from '../kernels/dimensions.ts';
import { fill } from '../kernels/elementwise.ts';
import type { StridedArray } from '../kernels/pointwise.ts';
import { ShapeError } from '../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { type Shape, Tensor } from './tensor.ts';

/** A tensor, or a number that stands for each of its elements. */
export type Operand = Tensor | number;

/** The operands as tensors on one device, a number as one of shape []. Throws TypeError where all are numbers. */
export function tensorsOf<T extends readonly Operand[]>(operation: string, operands: T): { [K in keyof T]: Tensor } {
  const first = operands.find((operand) => typeof operand !== 'number');
  if (first === undefined) throw new TypeError(`${operation}: at least one of the operands must be a tensor.`);
  const { gpu } = first as Tensor;
  return operands.map((operand) => (typeof operand === 'number' ? numberTensor(gpu, operand) : operand)) as unknown as {
    [K in keyof T]: Tensor;
  };
}

function numberTensor(gpu: Gpu, value: number): Tensor {
  return new Tensor(fill(gpu, 1, value), []);
}

/** A shape with dimensions of size 1 before it, so that it has `rank` of them. */
function aligned(shape: Shape, rank: number): number[] {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}

/**
 * The shape in which shapes meet, as in NumPy: aligned at the last dimension, sizes are equal, or 1 and repeated.
 * Throws ShapeError naming the operation and both shapes that do not fit.
 */
export function broadcastShape(operation: string, first: Shape, ...others: readonly Shape[]): Shape {
  return others.reduce((met, shape) => {
    const rank = Math.max(met.length, shape.length);
    const [a, b] = [aligned(met, rank), aligned(shape, rank)];
    return a.map((size, d) => {
      if (size === b[d] || b[d] === 1) return size;
      if (size === 1) return b[d];
      throw new ShapeError(
        `${operation}: shape [${shape}] does not repeat over [${met}], nor that over it: aligned at the last dimension, sizes must be equal or 1.`,
      );
    });
  }, first);
}

/** How a tensor lies in a shape that it repeats over. */
export function placed(
  { buffer, shape: own }: { buffer: DeviceArray<'f32'>; shape: Shape },
  shape: Shape,
): StridedArray {
  const sizes = aligned(own, shape.length);
  return { array: buffer, strides: denseStrides(sizes).map((stride, d) => (sizes[d] === shape[d] ? stride : 0)) };
}

/** A gradient of one shape as that of a smaller one: summed over what was repeated. */
export function sumTo(gradient: DeviceArray<'f32'>, shape: Shape, own: Shape): DeviceArray<'f32'> {
  const sizes = aligned(own, shape.length);
  return sumAxes(
    gradient,
    shape,
    shape.map((size, d) => size !== sizes[d]),
  );
}
