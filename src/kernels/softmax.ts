import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** A matrix whose rows are samples. */
export interface Rows {
  rows: number;
  classes: number;
}

/** What is made of the rows of x by a shader that takes x and gives y of one shape. flops: of an element, as below. */
function ofRows(shader: string, flops: number, operation: string, x: F32, { rows, classes }: Rows): F32 {
  const y = x.gpu.alloc(rows * classes, 'f32', operation);
  const arrays = { x: [x, rows * classes], y: [y, rows * classes] } as const;
  dispatch(x.gpu, shader, {
    operation,
    arrays,
    params: { rows, classes },
    invocations: rows,
    flops: flops * rows * classes,
  });
  return y;
}

/** dx by a shader that takes dy and the output y. */
function gradOfRows(shader: string, flops: number, operation: string, dy: F32, y: F32, { rows, classes }: Rows): F32 {
  const dx = dy.gpu.alloc(rows * classes, 'f32', operation);
  const arrays = { dy: [dy, rows * classes], y: [y, rows * classes], dx: [dx, rows * classes] } as const;
  dispatch(dy.gpu, shader, {
    operation,
    arrays,
    params: { rows, classes },
    invocations: rows,
    flops: flops * rows * classes,
  });
  return dx;
}

/** Softmax of each row. */
export function softmax(x: F32, shape: Rows): F32 {
  return ofRows('softmax', 7, 'softmax', x, shape);
}

/** dx from dy and the output y of `softmax`. */
export function softmaxGrad(dy: F32, y: F32, shape: Rows): F32 {
  return gradOfRows('softmax_grad', 4, 'softmaxGrad', dy, y, shape);
}

/** Logarithm of the softmax of each row. */
export function logSoftmax(x: F32, shape: Rows): F32 {
  return ofRows('log_softmax', 6, 'logSoftmax', x, shape);
}

/** dx from dy and the output y of `logSoftmax`. */
export function logSoftmaxGrad(dy: F32, y: F32, shape: Rows): F32 {
  return gradOfRows('log_softmax_grad', 4, 'logSoftmaxGrad', dy, y, shape);
}

/** Cross-entropy of each row of logits against its label: [rows]. */
export function crossEntropy(logits: F32, labels: DeviceArray<'u32'>, { rows, classes }: Rows): F32 {
  const loss = logits.gpu.alloc(rows, 'f32', 'crossEntropy');
  dispatch(logits.gpu, 'cross_entropy', {
    operation: 'crossEntropy',
    arrays: { x: [logits, rows * classes], labels: [labels, rows], loss: [loss, rows] },
    params: { rows, classes },
    invocations: rows,
    flops: rows * (4 * classes + 3),
  });
  return loss;
}

/** Gradient of the logits. dloss: [rows], or [1] for all of them; factor: multiplies it. */
export function crossEntropyGrad(
  dloss: F32,
  logits: F32,
  labels: DeviceArray<'u32'>,
  { rows, classes }: Rows,
  factor: number,
): F32 {
  const dx = logits.gpu.alloc(rows * classes, 'f32', 'crossEntropyGrad');
  dispatch(logits.gpu, 'cross_entropy_grad', {
    operation: 'crossEntropyGrad',
    arrays: {
      x: [logits, rows * classes],
      labels: [labels, rows],
      dloss: [dloss, dloss.length],
      dx: [dx, rows * classes],
    },
    params: { rows, classes, stride: dloss.length === 1 ? 0 : 1, factor },
    invocations: rows,
    flops: rows * (9 * classes + 1),
  });
  return dx;
}
