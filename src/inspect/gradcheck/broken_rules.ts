import type { BackwardRule, TapeNode } from '../../autograd/tensor.ts';
import { fill, scale } from '../../kernels/elementwise.ts';
import { matmul } from '../../kernels/matmul.ts';

/** A rule with a known mistake, for gradcheck to find. */
export interface BrokenRule {
  name: string;
  /** The case that finds it. */
  case: string;
  /** What is wrong, in a sentence. */
  mistake: string;
  /** Where the real rule stands. */
  rule: string;
  /** What stands in its place: an edit of a shader's text, or another rule for the operations of a name. */
  change: ShaderEdit | RuleChange;
}

/** Replaces each text by another; each must stand in the shader. */
export interface ShaderEdit {
  shader: string;
  edits: readonly (readonly [from: string, to: string])[];
}

/** Makes of an operation's node on the tape, with its right rule, the rule to use. */
export interface RuleChange {
  operation: string;
  backward(node: TapeNode): BackwardRule;
}

const inShader = (shader: string, ...edits: [from: string, to: string][]) => ({
  rule: `shaders/${shader}.wgsl`,
  change: { shader, edits },
});

const inRule = (operation: string, file: string, backward: RuleChange['backward']) => ({
  rule: `src/autograd/ops/${file}.ts, ${operation}`,
  change: { operation, backward },
});

/** The mistakes that `gradcheck --break` knows: those that people make when they derive these rules, one place each. */
export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    name: 'matmul-transpose',
    case: 'matmul',
    mistake: 'The gradient of a is taken as dy · b; it is dy · bᵀ: b is read as it lies, not transposed.',
    ...inRule('matmul', 'matmul', (node) => {
      const [a, b] = node.inputs;
      const [[m, k], n] = [a.shape, b.shape[1]];
      const { backward } = node;
      return (dy, needs) => [matmul(dy, b.buffer, { m, n: k, k: n }), backward(dy, needs)[1]];
    }),
  },
  {
    name: 'bias-mean',
    case: 'linear',
    mistake: 'The gradient of the bias is the mean over the batch; it is the sum, as every sample adds the same bias.',
    ...inRule('add', 'arithmetic', (node) => {
      const [rows] = node.inputs[0].shape;
      const { backward } = node;
      return (dy, needs) => {
        const [dx, dbias] = backward(dy, needs);
        return [dx, dbias && scale(dbias, 1 / rows)];
      };
    }),
  },
  {
    name: 'product-rule',
    case: 'mul',
    mistake: 'The gradient of the second factor is left at zero; a product has a gradient to both of its factors.',
    ...inRule('mul', 'arithmetic', (node) => {
      const { backward } = node;
      return (dy, needs) => [backward(dy, needs)[0], fill(dy.gpu, node.inputs[1].size, 0)];
    }),
  },
  {
    name: 'relu-mask',
    case: 'relu',
    mistake: 'The mask is forgotten: the gradient passes everywhere; it passes only where y > 0.',
    ...inShader('relu_grad', ['select(vec4f(dy[i]), vec4f(0.0), vec4f(y[i]) <= vec4f(0.0))', 'vec4f(dy[i])']),
  },
  {
    name: 'sigmoid-derivative',
    case: 'sigmoid',
    mistake: 'The derivative is taken as 1 − y; it is y · (1 − y).',
    ...inShader('sigmoid_grad', ['dy[i] * y[i] * (1.0 - y[i])', 'dy[i] * (1.0 - y[i])']),
  },
  {
    name: 'dropout-scale',
    case: 'dropout',
    mistake: 'The factor 1 / (1 − p) is missing from the gradient; the forward pass has it, so its gradient must.',
    ...inRule('dropout', 'dropout', ({ backward }) => (dy, needs) => {
      const [dx] = backward(dy, needs);
      return [dx && scale(dx, 1 - 0.3)]; // p of the case
    }),
  },
  {
    name: 'conv2d-border',
    case: 'conv2d',
    mistake: 'The last row and column of dY are left out, as if the output ended one pixel earlier.',
    ...inShader(
      'conv2d_input_grad_naive',
      ['oh >= params.oh ||', 'oh >= params.oh - 1u ||'],
      ['ow >= params.ow ||', 'ow >= params.ow - 1u ||'],
    ),
  },
  {
    name: 'conv2d-padding',
    case: 'conv2d',
    mistake: 'The padding is forgotten: each input pixel meets the output pixels of its neighbour.',
    ...inShader(
      'conv2d_input_grad_naive',
      ['ih + params.pad_h - kh', 'ih - kh'],
      ['iw + params.pad_w - kw', 'iw - kw'],
    ),
  },
  {
    name: 'conv2d-flip',
    case: 'conv2d',
    mistake:
      'The taps are not taken in reversed order: the input gradient correlates dY with W as the forward pass does X.',
    ...inShader(
      'conv2d_input_grad_naive',
      ['ih + params.pad_h - kh * params.dilation_h', 'ih + kh * params.dilation_h - params.pad_h'],
      ['iw + params.pad_w - kw * params.dilation_w', 'iw + kw * params.dilation_w - params.pad_w'],
    ),
  },
  {
    name: 'conv2d-weight-stride',
    case: 'conv2d-strided',
    mistake: 'The weight gradient walks X pixel by pixel; with stride 2 every second pixel meets an output.',
    ...inShader(
      'conv2d_weight_grad_naive',
      ['% params.oh * params.stride_h +', '% params.oh +'],
      ['% params.ow * params.stride_w +', '% params.ow +'],
    ),
  },
  {
    name: 'max-pool-winner',
    case: 'maxPool2d',
    mistake: 'Each element of a window gets the gradient; only the largest decides the output, so only it gets one.',
    ...inShader('max_pool_grad', [
      'if (((winner[at / 4u] >> (8u * (at % 4u))) & 0xffu) == place) { sum += f32(dy[at]); }',
      'sum += f32(dy[at]);',
    ]),
  },
  {
    name: 'avg-pool-divisor',
    case: 'avgPool2d',
    mistake: 'The gradient is not divided by the size of the window, as if the pool were a sum.',
    ...inShader('avg_pool_grad', [' / f32(rows * columns)', '']),
  },
  {
    name: 'batch-norm-mean',
    case: 'batchNorm2d',
    mistake: 'The mean term, Σ dy / rows, is forgotten: the mean of the batch is treated as if it were a constant.',
    ...inShader('batch_norm_input_grad', ['g - mean_dy - ', 'g - ']),
  },
  {
    name: 'batch-norm-variance',
    case: 'batchNorm2d',
    mistake: 'The term of xhat is forgotten: the variance of the batch is treated as if it were a constant.',
    ...inShader('batch_norm_input_grad', [' - centred * slope', '']),
  },
  {
    name: 'layer-norm-mean',
    case: 'layerNorm',
    mistake: 'The mean term is forgotten: the mean of the row is treated as if it were a constant.',
    ...inShader('group_norm_input_grad', ['T(direct[block]) + normal', 'normal']),
  },
  {
    name: 'softmax-sum',
    case: 'softmax',
    mistake: 'The sum over the row is forgotten, as if each output came from its own input alone.',
    ...inShader('softmax_grad', ['(dy[first + c] - product)', 'dy[first + c]']),
  },
  {
    name: 'log-softmax-probability',
    case: 'logSoftmax',
    mistake: 'The sum over the row is multiplied by log p; it is multiplied by p.',
    ...inShader('log_softmax_grad', ['p * sum', 'log_p * sum']),
  },
  {
    name: 'loss-mean',
    case: 'CrossEntropyLoss',
    mistake: 'The gradient is that of the sum over the batch, while the loss is the mean: it is N times too large.',
    ...inRule('crossEntropy', 'softmax', ({ backward, inputs: [logits] }) => (dy, needs) => {
      const [dx] = backward(dy, needs);
      return [dx && scale(dx, logits.shape[0])];
    }),
  },
  {
    name: 'focal-factor',
    case: 'FocalLoss',
    mistake:
      'The factor (1 − p)^γ is treated as if it were a constant; it depends on the logits and has a derivative too.',
    ...inShader('softmax_loss_grad', [' * (1.0 - params.gamma * p * log_p / rest)', '']),
  },
];
