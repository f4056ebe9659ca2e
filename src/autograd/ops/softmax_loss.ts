import { reduceSum } from '../../kernels/broadcast.ts';
import { mul } from '../../kernels/elementwise.ts';
import { onlyKept, setAside } from '../../kernels/nll_loss.ts';
import type { Rows } from '../../kernels/softmax.ts';
import * as kernels from '../../kernels/softmax_loss.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import { checkKnownLabels } from '../known_labels.ts';
import { record } from '../record.ts';
import { Tensor } from '../tensor.ts';

/** What a classifier's samples are: labels [N], or distributions over the classes [N, C] (soft targets, as of mixup). */
export type Targets = Tensor<'u32'> | Tensor<'f32'>;

/** How the losses of a batch become one: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Settings of `softmaxLoss`; each loss over a softmax is a choice of them. */
export interface SoftmaxLossOptions {
  /** What is known of each class, from `classTerms`. Default: neutral. */
  terms?: Tensor;
  /** Share of the target that is spread over all classes. Default 0. */
  labelSmoothing?: number;
  /** Exponent of focal loss. Default 0. */
  gamma?: number;
  /** Factor of the logits, LDAM's s. Default 1. */
  scale?: number;
  /** A label whose samples count for nothing: 0 loss, no gradient, no part in the mean. Default: none. */
  ignoreIndex?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
  /**
   * What a mean over labels divides by: the number of samples, or the weights of their classes. The mean over distributions divides by the
   * samples, as PyTorch's does. Default 'samples'.
   */
  meanOver?: 'samples' | 'weights';
}

/** Sizes of logits [N, C]. Throws ShapeError for other shapes. */
export function rowsOf(operation: string, x: Tensor): Rows {
  if (x.shape.length !== 2 || x.shape[1] < 1)
    throw new ShapeError(`${operation}: logits [N, C] are needed; the shape is [${x.shape}].`);
  return { rows: x.shape[0], classes: x.shape[1] };
}

/** Whether targets are labels rather than distributions. */
export function areLabels(targets: Targets): targets is Tensor<'u32'> {
  return targets.buffer.type === 'u32';
}

/** Throws RangeError for an ignoreIndex that no label can be, Error for one beside targets that are no labels. */
function checkIgnoreIndex(operation: string, targets: Targets, ignoreIndex: number | undefined): void {
  if (ignoreIndex === undefined) return;
  if (!(Number.isInteger(ignoreIndex) && ignoreIndex >= 0 && ignoreIndex < 2 ** 32)) {
    throw new RangeError(
      `${operation}: ignoreIndex is ${ignoreIndex}, which no label can be; they are integers from 0 to 4294967295.`,
    );
  }
  if (!areLabels(targets)) throw new Error(`${operation}: ignoreIndex goes with labels, not with distributions.`);
}

/**
 * Throws ShapeError for targets that are neither one label for each row of logits nor a distribution of the logits' shape. Throws RangeError, naming
 * the row, where the host knows a label that is no class, nor the one to be ignored. Throws Error for targets that require a gradient: they get
 * none. And see `checkIgnoreIndex`.
 */
export function checkTargets(operation: string, logits: Tensor, targets: Targets, ignoreIndex?: number): void {
  checkIgnoreIndex(operation, targets, ignoreIndex);
  const [rows, classes] = logits.shape;
  if (areLabels(targets)) {
    if (targets.size !== rows) {
      throw new ShapeError(
        `${operation}: logits [${logits.shape}] need ${rows} labels; their shape is [${targets.shape}].`,
      );
    }
    checkKnownLabels(operation, targets.buffer, classes, ignoreIndex);
  } else {
    if (`${targets.shape}` !== `${logits.shape}`) {
      throw new ShapeError(
        `${operation}: float targets are probabilities of the logits' shape [${logits.shape}]; theirs is [${targets.shape}].`,
      );
    }
    if (targets.requiresGrad) throw new Error(`${operation}: targets get no gradient; detach() them.`);
  }
}

/** Labels [N] as distributions: 1 at the label's class, else 0; shape [N, classes]. Throws RangeError as `checkTargets`. */
export function oneHot(labels: Tensor<'u32'>, classes: number): Tensor {
  checkKnownLabels('oneHot', labels.buffer, classes);
  const rows = labels.size;
  return new Tensor(kernels.oneHot(labels.buffer, { rows, classes }), [rows, classes]);
}

/** What a softmax loss knows of each class, on the device: [classes, 3]. Throws ShapeError where an array has another length. */
export function classTerms(gpu: Gpu, classes: number, terms: kernels.ClassTerms): Tensor {
  return new Tensor(kernels.uploadClassTerms(gpu, classes, terms), [classes, 3]);
}

const neutralTerms = new WeakMap<Gpu, Map<number, Tensor>>();

/** The terms that change nothing, uploaded once for a number of classes. */
function neutral(gpu: Gpu, classes: number): Tensor {
  let known = neutralTerms.get(gpu);
  if (known === undefined) {
    known = new Map();
    neutralTerms.set(gpu, known);
  }
  let terms = known.get(classes);
  if (terms === undefined) {
    terms = gpu.unscoped(() => classTerms(gpu, classes, {}));
    known.set(classes, terms);
  }
  return terms;
}

/**
 * The losses of a softmax classifier in one formula, of logits x [N, C] and targets t (a label stands for a 1 at its class):
 *
 *   z = scale · (x − margin · t) + logPrior,  p = softmax(z),  share = weight · ((1 − labelSmoothing) · t + labelSmoothing / C)
 *   loss = Σ over c of share · (1 − p)^gamma · (−log p)
 *
 * as a mean or sum, [], or per sample, [N]. With soft targets focal loss is thus the expectation over the classes, and LDAM's margin
 * counts by its class's probability. Samples with the label `ignoreIndex` count for nothing; where all do, the mean is NaN. Another label that is
 * no class gives NaN for its sample unless the host knows it (see `checkTargets`).
 * Throws as `checkTargets`. Gradient: to the logits alone.
 */
export function softmaxLoss(logits: Tensor, targets: Targets, options: SoftmaxLossOptions = {}): Tensor {
  const { labelSmoothing = 0, gamma = 0, scale = 1, reduction = 'mean', meanOver = 'samples', ignoreIndex } = options;
  const shape = rowsOf('softmaxLoss', logits);
  checkTargets('softmaxLoss', logits, targets, ignoreIndex);
  const { rows, classes } = shape;
  const { terms = neutral(logits.gpu, classes) } = options;
  const form: kernels.SoftmaxLossForm = { smoothing: labelSmoothing, gamma, scale };
  const x = logits.buffer;
  const aside = areLabels(targets) && ignoreIndex !== undefined ? setAside(targets.buffer, ignoreIndex) : undefined;
  const t = areLabels(targets) ? kernels.oneHot(aside?.labels ?? targets.buffer, shape) : targets.buffer;
  const losses = kernels.softmaxLoss(x, t, terms.buffer, shape, form);
  const { weight, kept } = losses;
  const loss = aside ? onlyKept(aside.kept, losses.loss) : losses.loss;

  let output = loss;
  let factor = 1;
  let inverse: DeviceArray<'f32'> | undefined;
  const byWeights = meanOver === 'weights' && areLabels(targets);
  if (reduction === 'mean' && aside) {
    ({ mean: output, inverse } = kernels.weightedMean(loss, byWeights ? onlyKept(aside.kept, weight) : aside.kept));
  } else if (reduction === 'mean' && byWeights) {
    ({ mean: output, inverse } = kernels.weightedMean(loss, weight));
  } else if (reduction !== 'none') {
    factor = reduction === 'mean' ? 1 / rows : 1;
    output = reduceSum(loss, { outer: 1, repeat: rows, inner: 1 }, factor);
  }
  const divisor = inverse;
  return record('softmaxLoss', {
    inputs: [logits],
    output,
    shape: reduction === 'none' ? [rows] : [],
    saved: [x, t, terms.buffer, kept, ...(divisor ? [divisor] : []), ...(aside ? [aside.kept] : [])],
    backward: (dy) => {
      const all = divisor ? mul(dy, divisor) : dy;
      const incoming = aside ? onlyKept(aside.kept, all) : all;
      return [kernels.softmaxLossGrad(incoming, x, t, terms.buffer, { kept }, shape, { ...form, factor })];
    },
  });
}
