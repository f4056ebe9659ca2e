import { type BinaryOp, binary, ternary } from '../../kernels/pointwise.ts';
import { broadcastShape, type Operand, placed, sumTo, tensorsOf } from '../broadcast.ts';
import { record } from '../record.ts';
import { Tensor } from '../tensor.ts';

/** 1 where a comparison holds, else 0; without a gradient. */
function compare(operation: string, op: BinaryOp, a: Operand, b: Operand): Tensor {
  const [x, z] = tensorsOf(operation, [a, b] as const);
  const shape = broadcastShape(operation, x.shape, z.shape);
  return new Tensor(binary(op, operation, shape, placed(x, shape), placed(z, shape)), shape);
}

/** 1 where a > b, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function gt(a: Operand, b: Operand): Tensor {
  return compare('gt', 'GREATER', a, b);
}

/** 1 where a ≥ b, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function ge(a: Operand, b: Operand): Tensor {
  return compare('ge', 'GREATER_EQUAL', a, b);
}

/** 1 where a < b, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function lt(a: Operand, b: Operand): Tensor {
  return compare('lt', 'LESS', a, b);
}

/** 1 where a ≤ b, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function le(a: Operand, b: Operand): Tensor {
  return compare('le', 'LESS_EQUAL', a, b);
}

/** 1 where a = b, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function eq(a: Operand, b: Operand): Tensor {
  return compare('eq', 'EQUAL', a, b);
}

/** 1 where a ≠ b, NaN included, else 0: a condition for `where`, without a gradient. Tensors or numbers; shapes meet as in `add`. */
export function ne(a: Operand, b: Operand): Tensor {
  return compare('ne', 'NOT_EQUAL', a, b);
}

function extremum(operation: string, op: 'MAXIMUM' | 'MINIMUM', a: Operand, b: Operand): Tensor {
  const [x, z] = tensorsOf(operation, [a, b] as const);
  const shape = broadcastShape(operation, x.shape, z.shape);
  const [p, q] = [placed(x, shape), placed(z, shape)];
  return record(operation, {
    inputs: [x, z],
    output: binary(op, operation, shape, p, q),
    shape,
    saved: [p.array, q.array],
    backward: (dy, needs) => {
      const incoming = placed({ buffer: dy, shape }, shape);
      // To p goes what p > q gets of a maximum, and what q > p gets of a minimum.
      const pairs =
        op === 'MAXIMUM'
          ? ([
              [p, q],
              [q, p],
            ] as const)
          : ([
              [q, p],
              [p, q],
            ] as const);
      return [x, z].map((input, i) =>
        needs[i]
          ? sumTo(ternary('LARGER_GRAD', operation, shape, incoming, ...pairs[i]), shape, input.shape)
          : undefined,
      );
    },
  });
}

/**
 * y = max(a, b), element by element, NaN where either is; tensors or numbers, shapes meet as in `add`. dy goes to the larger one, half of it
 * to each of equal ones, as in PyTorch; summed over what was repeated. Throws ShapeError where the shapes do not meet.
 */
export function maximum(a: Operand, b: Operand): Tensor {
  return extremum('maximum', 'MAXIMUM', a, b);
}

/**
 * y = min(a, b), element by element, NaN where either is; tensors or numbers, shapes meet as in `add`. dy goes to the smaller one, half of it
 * to each of equal ones, as in PyTorch; summed over what was repeated. Throws ShapeError where the shapes do not meet.
 */
export function minimum(a: Operand, b: Operand): Tensor {
  return extremum('minimum', 'MINIMUM', a, b);
}

/**
 * y = a where the condition is not 0, else b; of `gt`, `eq` and the like, or any tensor. Shapes, the condition's too, meet as in `add`.
 * dy goes to the one that was taken, summed over what was repeated; none to the condition. Throws ShapeError where the shapes do not meet.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [c, x, z] = tensorsOf('where', [condition, a, b] as const);
  const shape = broadcastShape('where', c.shape, x.shape, z.shape);
  const choice = placed(c, shape);
  return record('where', {
    inputs: [x, z],
    output: ternary('WHERE', 'where', shape, choice, placed(x, shape), placed(z, shape)),
    shape,
    saved: [choice.array],
    backward: (dy, [needsA, needsB]) => {
      const incoming = placed({ buffer: dy, shape }, shape);
      const part = (op: 'WHERE_NONZERO' | 'WHERE_ZERO', { shape: own }: Tensor) =>
        sumTo(binary(op, 'where', shape, choice, incoming), shape, own);
      return [needsA ? part('WHERE_NONZERO', x) : undefined, needsB ? part('WHERE_ZERO', z) : undefined];
    },
  });
}
