import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';
import { binary } from './pointwise.ts';
import type { Rows } from './softmax.ts';

type F32 = DeviceArray<'f32'>;
type U32 = DeviceArray<'u32'>;

/** What a loss over labels knows besides them. */
export interface NllTerms {
  /** [classes]; all weigh 1 where it is left out. */
  weight?: F32;
  /** The label that stands for no class, if there is one. */
  ignored?: number;
}

/** Parameters and the binding of the weights; a binding cannot be empty, and `standIn` is not read. */
function termsOf({ weight, ignored }: NllTerms, classes: number, standIn: F32) {
  return {
    params: {
      has_weight: Number(weight !== undefined),
      has_ignored: Number(ignored !== undefined),
      ignored: ignored ?? 0,
    },
    weight: weight ? ([weight, classes] as const) : ([standIn, standIn.length] as const),
  };
}

/** −weight · x at the label of each row, and that weight: [rows] each, 0 where the label is ignored. */
export function nllLoss(x: F32, labels: U32, { rows, classes }: Rows, terms: NllTerms): { loss: F32; weight: F32 } {
  const { gpu } = x;
  const { params, weight } = termsOf(terms, classes, x);
  const loss = gpu.alloc(rows, 'f32', 'nllLoss');
  const rowWeight = gpu.alloc(rows, 'f32', 'nllLoss');
  dispatch(gpu, 'nll_loss', {
    operation: 'nllLoss',
    arrays: {
      x: [x, rows * classes],
      labels: [labels, rows],
      weight,
      loss: [loss, rows],
      row_weight: [rowWeight, rows],
    },
    params: { rows, classes, ...params },
    invocations: rows,
    flops: rows,
    bytes: 16 * rows,
  });
  return { loss, weight: rowWeight };
}

/** Gradient of x. dloss: [rows], or [1] for all of them; factor: multiplies it. */
export function nllLossGrad(dloss: F32, labels: U32, { rows, classes }: Rows, terms: NllTerms, factor: number): F32 {
  const { gpu } = dloss;
  const { params, weight } = termsOf(terms, classes, dloss);
  const dx = gpu.alloc(rows * classes, 'f32', 'nllLossGrad');
  dispatch(gpu, 'nll_loss_grad', {
    operation: 'nllLossGrad',
    arrays: { dloss: [dloss, dloss.length], labels: [labels, rows], weight, dx: [dx, rows * classes] },
    params: { rows, classes, ...params, stride: dloss.length === 1 ? 0 : 1, factor },
    invocations: rows * classes,
    flops: 2 * rows,
  });
  return dx;
}

/** Labels with class 0 in place of the ignored one, and 1 for each row that is kept, 0 for the others: [rows] each. */
export function setAside(labels: U32, ignored: number): { labels: U32; kept: F32 } {
  const { gpu, length: rows } = labels;
  const y = gpu.alloc(rows, 'u32', 'setAside');
  const kept = gpu.alloc(rows, 'f32', 'setAside');
  dispatch(gpu, 'set_aside', {
    operation: 'setAside',
    arrays: { labels: [labels, rows], y: [y, rows], kept: [kept, rows] },
    params: { rows, ignored },
    invocations: rows,
    flops: 0,
  });
  return { labels: y, kept };
}

/** The values of the rows that are kept, 0 in the others: [rows]. values: [rows], or [1] for all of them. */
export function onlyKept(kept: F32, values: F32): F32 {
  const strides = [values.length === 1 ? 0 : 1];
  return binary('WHERE_NONZERO', 'onlyKept', [kept.length], { array: kept, strides: [1] }, { array: values, strides });
}
