import type { BatchNormOptions } from '../../autograd/ops/batch_norm.ts';
import type { GeluOptions } from '../../autograd/ops/elementwise.ts';
import type { MatmulOptions } from '../../autograd/ops/matmul.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import type { NormActivation } from '../../kernels/batch_norm.ts';
import type { TracedOperation } from '../trace_forward.ts';
import type { Attribute } from './onnx_graph.ts';
import { concat, pad, reshape, slice } from './shape_nodes.ts';
import { refusal, TO_NCHW, type Translation } from './translation.ts';
import {
  adaptiveAvgPool2d,
  avgPool2d,
  channelPool2d,
  conv2d,
  globalAvgPool2d,
  globalMaxPool2d,
  maxPool2d,
} from './window_nodes.ts';

/** Adds the nodes of an operation to the graph and returns the name of its result. Throws UserError where that cannot be said in ONNX. */
type Rule = (traced: TracedOperation, translation: Translation) => string;

/** An operation on each element that ONNX has under a name of its own. */
function sameAs(opType: string, attributes: Record<string, Attribute> = {}): Rule {
  return ({ inputs: [x] }, translation) => translation.graph.node(opType, [translation.value(x)], attributes);
}

/** A number as a constant, []. */
function number(value: number, { graph }: Translation): string {
  return graph.floats(`number ${value}`, 'a number', () => ({ shape: [], data: Float32Array.of(value) }));
}

/** The second operand of a sum or product, so that it repeats over the first by ONNX's rules too, which align shapes at the last dimension: W, not C. */
function repeated(traced: TracedOperation, translation: Translation): string {
  const [large, small] = traced.inputs;
  const missing = large.shape.length - small.shape.length;
  if (missing < 0) throw refusal(traced, `[${large.shape}] is repeated over [${small.shape}]`);
  if (large.shape.length !== 4 || missing === 0) return translation.value(small);
  if (translation.isBatched(small)) throw refusal(traced, `[${small.shape}] is repeated over [${large.shape}]`);
  return translation.constant(small, TO_NCHW, [...Array<number>(missing).fill(1), ...small.shape]);
}

const sum: Rule = (traced, translation) =>
  translation.graph.node('Add', [translation.value(traced.inputs[0]), repeated(traced, translation)]);

/** Gemm, its weight as [out, in] where the second operand is a parameter. */
const matmul: Rule = (traced, translation) => {
  const { transposeA = false, transposeB = false } = traced.settings as MatmulOptions;
  const [a, b] = traced.inputs;
  if ((transposeA && translation.isBatched(a)) || translation.isBatched(b)) {
    throw refusal(traced, 'it multiplies images of a batch with each other');
  }
  const turn = translation.isConstant(b) && !transposeB;
  const weight = turn ? translation.constant(b, [1, 0]) : translation.value(b);
  return translation.graph.node('Gemm', [translation.value(a), weight], {
    transA: { i: transposeA ? 1 : 0 },
    transB: { i: turn || transposeB ? 1 : 0 },
  });
};

/** Add, or the bias of the Gemm just before it, where nothing else reads what that gave. */
const add: Rule = (traced, translation) => {
  const [a, b] = traced.inputs;
  const value = translation.value(a);
  const last = translation.graph.nodes.at(-1);
  const isGemm = last?.opType === 'Gemm' && last.output[0] === value && last.input.length === 2;
  if (!isGemm || translation.uses(a) > 1 || !translation.isConstant(b) || b.shape.length !== 1) {
    return sum(traced, translation);
  }
  last.input.push(translation.value(b));
  return value;
};

/** x · Φ(x) by the error function, or by tanh: ONNX has Gelu from opset 20 on. */
function gelu(value: string, translation: Translation, { approximate }: GeluOptions = {}): string {
  const { graph } = translation;
  const times = (a: string, factor: number) => graph.node('Mul', [a, number(factor, translation)]);
  if (approximate === 'tanh') {
    const cube = graph.node('Mul', [graph.node('Mul', [value, value]), value]);
    const inner = times(graph.node('Add', [value, times(cube, 0.044715)]), Math.sqrt(2 / Math.PI));
    return graph.node('Mul', [
      times(value, 0.5),
      graph.node('Add', [graph.node('Tanh', [inner]), number(1, translation)]),
    ]);
  }
  const erf = graph.node('Erf', [times(value, Math.SQRT1_2)]);
  return graph.node('Mul', [times(value, 0.5), graph.node('Add', [erf, number(1, translation)])]);
}

const silu = (value: string, { graph }: Translation) => graph.node('Mul', [value, graph.node('Sigmoid', [value])]);

const leakyRelu = (value: string, { graph }: Translation, slope: number) =>
  graph.node('LeakyRelu', [value], { alpha: { f: slope } });

/** The activations that batch norm takes along. */
const ACTIVATIONS: Readonly<
  Record<NormActivation, (value: string, translation: Translation, slope: number) => string>
> = {
  relu: (value, { graph }) => graph.node('Relu', [value]),
  silu,
  gelu: (value, translation) => gelu(value, translation),
  'leaky-relu': leakyRelu,
};

const batchNorm2d: Rule = ({ inputs: [x, weight, bias], settings }, translation) => {
  const { runningMean, runningVar, eps, activation, slope = 0.01 } = settings as BatchNormOptions;
  const inputs = [x, weight, bias, runningMean, runningVar].map((tensor) => translation.value(tensor));
  const y = translation.graph.node('BatchNormalization', inputs, { epsilon: { f: eps } });
  return activation === undefined ? y : ACTIVATIONS[activation](y, translation, slope);
};

/** Global mean, two convolutions of one pixel, product. */
const squeezeExcitation: Rule = ({ inputs: [x, w1, b1, w2, b2], settings }, translation) => {
  const { graph } = translation;
  const { activation } = settings as { activation: NormActivation };
  const value = translation.value(x);
  const layer = (input: string, weight: Tensor, bias: Tensor) =>
    graph.node('Conv', [input, translation.constant(weight, [3, 2, 0, 1]), translation.value(bias)]);
  const hidden = ACTIVATIONS[activation](layer(graph.node('GlobalAveragePool', [value]), w1, b1), translation, 0);
  return graph.node('Mul', [value, graph.node('Sigmoid', [layer(hidden, w2, b2)])]);
};

/** Dimensions of a parameter or buffer in another order; a tensor of the batch has its places by ONNX's layout. */
const permute: Rule = (traced, translation) => {
  const [x] = traced.inputs;
  if (translation.isBatched(x) || x.shape.length === 4) throw refusal(traced, 'it turns more than a parameter');
  return translation.constant(x, (traced.settings as { order: readonly number[] }).order);
};

/** How each operation on the tape is said in ONNX. */
const RULES: Readonly<Record<string, Rule>> = {
  adaptiveAvgPool2d,
  add,
  addRelu: (traced, translation) => translation.graph.node('Relu', [sum(traced, translation)]),
  avgPool2d,
  batchNorm2d,
  channelPool2d,
  concat,
  conv2d,
  gelu: ({ inputs: [x], settings }, translation) => gelu(translation.value(x), translation, settings as GeluOptions),
  globalAvgPool2d,
  globalMaxPool2d,
  leakyRelu: ({ inputs: [x], settings }, translation) =>
    leakyRelu(translation.value(x), translation, (settings as { slope: number }).slope),
  matmul,
  maxPool2d,
  mul: (traced, translation) =>
    translation.graph.node('Mul', [translation.value(traced.inputs[0]), repeated(traced, translation)]),
  normalizeRows: sameAs('LpNormalization', { axis: { i: 1 }, p: { i: 2 } }),
  pad,
  permute,
  relu: sameAs('Relu'),
  reshape,
  scale: ({ inputs: [x], settings }, translation) =>
    translation.graph.node('Mul', [translation.value(x), number((settings as { factor: number }).factor, translation)]),
  sigmoid: sameAs('Sigmoid'),
  silu: ({ inputs: [x] }, translation) => silu(translation.value(x), translation),
  slice,
  squeezeExcitation,
  softmax: sameAs('Softmax', { axis: { i: 1 } }),
  tanh: sameAs('Tanh'),
  transpose: permute,
};

/** Adds the nodes of an operation to the graph and returns the name of its result. Throws UserError where ONNX has no counterpart, or none is known here. */
export const operationNodes: Rule = (traced, translation) => {
  const rule = RULES[traced.name];
  if (rule === undefined || !Object.hasOwn(RULES, traced.name)) {
    throw refusal(traced, `only ${Object.keys(RULES).join(', ')} can`);
  }
  return rule(traced, translation);
};
