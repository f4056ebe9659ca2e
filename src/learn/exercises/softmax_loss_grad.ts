import { gradcheck } from '../../autograd/gradcheck.ts';
import { crossEntropy } from '../../autograd/ops/softmax.ts';
import { indices, tensor } from '../../autograd/tensor.ts';
import { HALF_ULP } from '../bounded_sum.ts';
import { input, output, randomValues } from '../case_data.ts';
import type { Exercise, ExerciseCase } from '../exercise.ts';

function lossGrad(
  rows: number,
  classes: number,
  { perRow, factor, size }: { perRow: boolean; factor: number; size: number },
): ExerciseCase {
  const x = input('r, c', [rows, classes], rows, -size, size);
  const dloss = input('r', [perRow ? rows : 1], 2, 0.5, 2);
  const labels = Uint32Array.from(randomValues(rows, 3, 0, classes), Math.floor);
  const values = new Float64Array(rows * classes);
  const allowed = new Float64Array(rows * classes);
  for (let r = 0; r < rows; r++) {
    const row = Array.from(x.data.subarray(r * classes, (r + 1) * classes));
    const largest = Math.max(...row);
    const powers = row.map((logit) => Math.exp(logit - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    const incoming = dloss.data[perRow ? r : 0] * Math.fround(factor);
    for (let c = 0; c < classes; c++) {
      const p = powers[c] / sum;
      values[r * classes + c] = incoming * (p - (c === labels[r] ? 1 : 0));
      // WGSL allows exp(v) an error of 3 + 2·|v| units; the sum has the error of its largest part, and of its additions.
      const error = 2 * (8 + 2 * Math.abs(row[c] - largest) + 2 * size) + classes;
      allowed[r * classes + c] = 2 * HALF_ULP * Math.abs(incoming) * (error * p + 4);
    }
  }
  return {
    title: `logits [${rows}, ${classes}] up to ±${size}, ${perRow ? 'dloss for each row' : 'one dloss'}`,
    arrays: {
      x,
      labels: { axes: 'r', shape: [rows], data: labels },
      dloss,
      dx: output('r, c', [rows, classes], { values, allowed }),
    },
    params: { rows, classes, stride: perRow ? 1 : 0, factor },
    invocations: rows,
  };
}

/** dX of softmax and cross-entropy. */
export const SOFTMAX_LOSS_GRAD: Exercise = {
  name: 'softmax-loss-grad',
  title: 'Softmax and cross-entropy, gradient: p − y',
  teaches: 'the short gradient behind every classifier, and how exp is kept from overflowing',
  shader: 'cross_entropy_grad',
  holes: [
    {
      first: 'var largest = x[first];',
      last: 'for (var c = 0u; c < params.classes; c++) { sum += exp(x[first + c] - largest); }',
      instead: [
        '  // TODO 1: exp overflows for logits from 89 on. Find the largest logit of the row (`larger` gives the larger of two), to take it off below.',
        '  var largest = 0.0;',
        '  // TODO 2: the sum of all exp(x − largest).',
        '  var sum = 1.0;',
      ],
    },
    {
      first: 'let value = incoming * (exp(x[first + c] - largest) / sum - select(0.0, 1.0, c == label));',
      instead: [
        '    // TODO 3: incoming · (softmax(x)[c] − (1 where c is the label, else 0)).',
        '    let value = incoming * x[first + c];',
      ],
    },
  ],
  hints: [
    'The gradient of −log softmax(x)[label] is softmax(x) − 1 at the label, and softmax(x) elsewhere.',
    'exp(200) is infinite in float32. softmax does not change when one number is taken off all logits of the row: take off the largest.',
    'value = incoming · (exp(x − largest) / sum − select(0.0, 1.0, c == label)), where sum = Σ exp(x − largest).',
  ],
  meanings: {
    'not-a-number':
      'exp overflows for large logits, and ∞ / ∞ is no number: take the largest logit of the row off first.',
    'one-case': 'Look at what this case has: large logits, or a `stride` of 0, where one dloss serves all rows.',
    all: 'softmax is exp(x − largest) / Σ exp(x − largest): is the same number taken off above and below, and is it divided by the sum?',
    scattered: 'If it is one class in each row: the 1 is taken off at the label, and nowhere else.',
    gradient: 'The kernel is then not the gradient of the loss that the engine computes forward.',
  },
  cases: () => [
    lossGrad(150, 7, { perRow: true, factor: 1, size: 3 }),
    lossGrad(131, 10, { perRow: false, factor: 1 / 131, size: 3 }),
    lossGrad(70, 5, { perRow: true, factor: 0.5, size: 200 }),
  ],
  small: () => lossGrad(5, 3, { perRow: true, factor: 0.5, size: 3 }),
  speed: () => ({ case: lossGrad(20_000, 10, { perRow: false, factor: 1 / 20_000, size: 3 }) }),
  gradcheck: (gpu) => {
    const logits = tensor(gpu, randomValues(28, 5), [7, 4], { requiresGrad: true });
    const labels = indices(gpu, [0, 3, 1, 2, 2, 0, 3]);
    return gradcheck((x) => crossEntropy(x, labels, { reduction: 'none' }), [logits]);
  },
  next: 'shaders/softmax_loss_grad.wgsl: class weights, label smoothing, focal loss and LDAM in the same gradient',
};
