import type { DeviceArray } from '../runtime/gpu.ts';
import { type Strided, stridedParams } from './dimensions.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** The functions of `binary.wgsl`, as it names them. */
export type BinaryOp =
  | 'ADD'
  | 'SUB'
  | 'MUL'
  | 'DIV'
  | 'MAXIMUM'
  | 'MINIMUM'
  | 'POWER'
  | 'GREATER'
  | 'GREATER_EQUAL'
  | 'LESS'
  | 'LESS_EQUAL'
  | 'EQUAL'
  | 'NOT_EQUAL'
  | 'WHERE_NONZERO'
  | 'WHERE_ZERO';

/** The functions of `ternary.wgsl`, as it names them. */
export type TernaryOp = 'WHERE' | 'DIVISOR_GRAD' | 'LARGER_GRAD' | 'BASE_GRAD' | 'EXPONENT_GRAD';

/** Floating-point operations of each function for an element; those of `binary.wgsl` are one each. */
const TERNARY_FLOPS: Readonly<Record<TernaryOp, number>> = {
  ...{ WHERE: 1, DIVISOR_GRAD: 3, LARGER_GRAD: 3, BASE_GRAD: 4, EXPONENT_GRAD: 4 },
};

/** An array with how it lies in the result: of each dimension, the elements from one index to the next, 0 where it repeats. */
export interface StridedArray {
  array: F32;
  strides: readonly number[];
}

function pointwise(
  shader: string,
  op: string,
  flops: number,
  operation: string,
  sizes: readonly number[],
  operands: Readonly<Record<string, StridedArray>>,
): F32 {
  const [{ array: first }] = Object.values(operands);
  const { gpu } = first;
  const strides: Record<string, readonly number[]> = {};
  const arrays: Record<string, readonly [F32, number]> = {};
  for (const name in operands) {
    const { array, strides: own } = operands[name];
    strides[name] = own;
    arrays[name] = [array, sizes.reduce((length, size, d) => length * (own[d] === 0 ? 1 : size), 1)];
  }
  const view: Strided = { sizes, strides };
  const params = stridedParams(operation, view);
  const y = gpu.alloc(params.count, 'f32', operation);
  arrays.y = [y, params.count];
  const constants = { OP: gpu.shader(shader).constants[op] };
  dispatch(gpu, shader, {
    operation,
    arrays,
    params,
    constants,
    invocations: params.count,
    flops: flops * params.count,
  });
  return y;
}

/** y = f(a, b), element by element, of the sizes given. operation: what errors and profiles call it. */
export function binary(
  op: BinaryOp,
  operation: string,
  sizes: readonly number[],
  a: StridedArray,
  b: StridedArray,
): F32 {
  return pointwise('binary', op, 1, operation, sizes, { a, b });
}

/** y = f(a, b, c), element by element, of the sizes given. operation: what errors and profiles call it. */
export function ternary(
  op: TernaryOp,
  operation: string,
  sizes: readonly number[],
  a: StridedArray,
  b: StridedArray,
  c: StridedArray,
): F32 {
  return pointwise('ternary', op, TERNARY_FLOPS[op], operation, sizes, { a, b, c });
}
