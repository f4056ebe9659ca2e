import { ShapeError } from '../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { spreadGroups } from '../runtime/grid.ts';
import { dispatch } from './dispatch.ts';
import type { Rows } from './softmax.ts';

type F32 = DeviceArray<'f32'>;

/** What a loss knows of each class; [C] each, neutral where left out. */
export interface ClassTerms {
  /** Factor of the class's part in the loss. Neutral: 1. */
  weight?: ArrayLike<number>;
  /** Added to the class's logit. Neutral: 0. */
  logPrior?: ArrayLike<number>;
  /** Taken off the class's logit where it is the target, before scaling. Neutral: 0. */
  margin?: ArrayLike<number>;
}

/** What a loss knows of all classes alike. */
export interface SoftmaxLossForm {
  /** Share of the target that is spread over all classes; neutral: 0. */
  smoothing: number;
  /** Exponent of focal loss; neutral: 0. */
  gamma: number;
  /** Factor of the logits; neutral: 1. */
  scale: number;
}

/** What the forward pass hands to the backward pass and to a weighted mean. */
export interface SoftmaxLosses {
  /** [rows] */
  loss: F32;
  /** [rows]: the weight of each row's target. */
  weight: F32;
  /** [rows, 4]: what the gradient needs of each row. */
  kept: F32;
}

/** Lanes that share a row. Where lanes are few, or classes, more of them would only make more to add up. */
function lanesFor({ adapter }: Gpu, classes: number): number {
  return adapter.software || classes <= 32 ? 8 : 64;
}

/** Uploads the terms of `classes` classes: [classes, 3]. Throws ShapeError where one has another length. */
export function uploadClassTerms(gpu: Gpu, classes: number, { weight, logPrior, margin }: ClassTerms): F32 {
  for (const [name, values] of Object.entries({ weight, logPrior, margin })) {
    if (values && values.length !== classes) {
      throw new ShapeError(`softmaxLoss: ${name} holds ${values.length} numbers for ${classes} classes.`);
    }
  }
  const terms = new Float32Array(3 * classes);
  for (let c = 0; c < classes; c++) terms.set([weight?.[c] ?? 1, logPrior?.[c] ?? 0, margin?.[c] ?? 0], 3 * c);
  return gpu.upload(terms, 'classTerms');
}

/** y[r, c] = 1 where c is the label of row r, else 0: [rows, classes]. A label that is no class gives a row of NaN. */
export function oneHot(labels: DeviceArray<'u32'>, { rows, classes }: Rows): F32 {
  const y = labels.gpu.alloc(rows * classes, 'f32', 'oneHot');
  dispatch(labels.gpu, 'one_hot', {
    operation: 'oneHot',
    arrays: { labels: [labels, rows], y: [y, rows * classes] },
    params: { rows, classes },
    invocations: rows * classes,
    flops: 0,
  });
  return y;
}

/**
 * The loss of each row of logits against its distribution over the classes. targets: [rows, classes]; terms: of `uploadClassTerms`;
 * lanes: invocations that share a row.
 */
export function softmaxLoss(
  logits: F32,
  targets: F32,
  terms: F32,
  { rows, classes }: Rows,
  form: SoftmaxLossForm,
  lanes = lanesFor(logits.gpu, classes),
): SoftmaxLosses {
  const { gpu } = logits;
  const loss = gpu.alloc(rows, 'f32', 'softmaxLoss');
  const weight = gpu.alloc(rows, 'f32', 'softmaxLoss');
  const kept = gpu.alloc(rows * 4, 'f32', 'softmaxLoss');
  dispatch(gpu, 'softmax_loss', {
    operation: 'softmaxLoss',
    arrays: {
      x: [logits, rows * classes],
      targets: [targets, rows * classes],
      terms: [terms, classes * 3],
      loss: [loss, rows],
      weight: [weight, rows],
      kept: [kept, rows * 4],
    },
    params: { rows, classes, ...form },
    constants: { LANES: lanes },
    workgroups: spreadGroups(rows),
    flops: 40 * rows * classes, // as if every class had a share of the target; the shader passes over those without
  });
  return { loss, weight, kept };
}

/** Gradient of the logits. dloss: [rows], or [1] for all of them; factor: multiplies it. The rest as in the forward pass. */
export function softmaxLossGrad(
  dloss: F32,
  logits: F32,
  targets: F32,
  terms: F32,
  { kept }: Pick<SoftmaxLosses, 'kept'>,
  { rows, classes }: Rows,
  { factor, ...form }: SoftmaxLossForm & { factor: number },
  lanes = lanesFor(logits.gpu, classes),
): F32 {
  const { gpu } = logits;
  const dx = gpu.alloc(rows * classes, 'f32', 'softmaxLossGrad');
  dispatch(gpu, 'softmax_loss_grad', {
    operation: 'softmaxLossGrad',
    arrays: {
      x: [logits, rows * classes],
      targets: [targets, rows * classes],
      terms: [terms, classes * 3],
      kept: [kept, rows * 4],
      dloss: [dloss, dloss.length],
      dx: [dx, rows * classes],
    },
    params: { rows, classes, ...form, stride: dloss.length === 1 ? 0 : 1, factor },
    constants: { LANES: lanes },
    workgroups: spreadGroups(rows),
    flops: (form.gamma === 0 ? 14 : 23) * rows * classes,
  });
  return dx;
}

/** Σ losses / Σ weights: [1], with 1 / Σ weights, [1], for the gradient. */
export function weightedMean(losses: F32, weights: F32): { mean: F32; inverse: F32 } {
  const { gpu, length: count } = losses;
  const mean = gpu.alloc(1, 'f32', 'weightedMean');
  const inverse = gpu.alloc(1, 'f32', 'weightedMean');
  dispatch(gpu, 'weighted_mean', {
    operation: 'weightedMean',
    arrays: { x: [losses, count], weight: [weights, count], mean: [mean, 1], inverse: [inverse, 1] },
    params: { count },
    workgroups: [1],
    flops: 2 * count + 2,
  });
  return { mean, inverse };
}
