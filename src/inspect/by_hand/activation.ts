import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import type { PoolShape } from '../../kernels/max_pool.ts';
import type { HostTensor } from '../../nn/weights/host_tensor.ts';
import type { ShownStep } from '../shown_step.ts';
import type { NodeRecord } from '../step_record.ts';
import { followingFunction } from './norm_activation.ts';
import { type ByHand, byHand, type Term } from './sum.ts';

type Numbers = HostTensor<Float32Array>;

/** An activation's value, and what it is computed from. */
interface Asked {
  step: ShownStep;
  node: NodeRecord;
  index: number;
  /** [h, w, c] or [c], in the output for the image. */
  at: readonly number[];
  device: number;
}

const placeOf = ({ shape }: Numbers, at: readonly number[]) => at.reduce((sum, i, d) => sum * shape[d] + i, 0);

/** An input of an operation for the image; undefined where the page does not hold it. */
function inputOf({ step, node }: Pick<Asked, 'step' | 'node'>, input: number): Numbers | undefined {
  const source = node.inputs[input];
  if (source === undefined) return undefined;
  if ('images' in source) return step.tensors.get('image');
  if ('node' in source) return step.tensors.get(`activation:${source.node}`);
  return 'parameter' in source ? step.tensors.get(`parameter:${source.parameter}`) : undefined;
}

function conv2d({ step, node, index, at: [oh, ow, co], device }: Asked): ByHand | undefined {
  const s = node.settings as unknown as GroupedConv2dShape;
  const [x, w, bias] = [0, 1, 2].map((input) => inputOf({ step, node }, input));
  const column = step.channels[index].indexOf(co);
  if (!x || !w || column < 0) return undefined;
  const perGroup = s.ci / s.groups;
  const first = perGroup * Math.floor((co * s.groups) / s.co);
  const terms: Term[] = [];
  for (let kh = 0; kh < s.kh; kh++) {
    const ih = oh * s.strideH + kh * s.dilationH - s.padH;
    for (let kw = 0; kw < s.kw; kw++) {
      const iw = ow * s.strideW + kw * s.dilationW - s.padW;
      if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
      for (let ci = 0; ci < perGroup; ci++) {
        const factors = [x.data[placeOf(x, [ih, iw, first + ci])], w.data[placeOf(w, [kh, kw, ci, column])]];
        terms.push({ label: `x[${ih}, ${iw}, ${first + ci}] · w[${kh}, ${kw}, ${ci}, ${co}]`, factors });
      }
    }
  }
  const outside = s.kh * s.kw * perGroup - terms.length;
  if (bias) terms.push({ label: `b[${co}]`, factors: [bias.data[co]] });
  const dilation = s.dilationH > 1 || s.dilationW > 1 ? '·dilation' : '';
  return byHand(
    `y[oh, ow, co] = Σ over kh, kw, ci of x[oh·stride + kh${dilation} − pad, ow·stride + kw${dilation} − pad, ci] · w[kh, kw, ci, co]${bias ? ' + b[co]' : ''}`,
    terms,
    device,
    outside > 0 ? `${outside} more terms lie in the border, where x is 0.` : undefined,
  );
}

function matmul({ step, node, index, at: [o], device }: Asked): ByHand | undefined {
  const [x, w] = [0, 1].map((input) => inputOf({ step, node }, input));
  const column = step.channels[index].indexOf(o);
  const { transposeA, transposeB } = node.settings;
  if (!x || !w || column < 0 || transposeA || transposeB || !('parameter' in node.inputs[1])) return undefined;
  const terms = Array.from(x.data, (value, i) => ({
    label: `x[${i}] · w[${i}, ${o}]`,
    factors: [value, w.data[placeOf(w, [i, column])]],
  }));
  return byHand('y[o] = Σ over i of x[i] · w[i, o]', terms, device);
}

function batchNorm({ step, node, index, at, device }: Asked): ByHand | undefined {
  const [x, gamma, beta] = [0, 1, 2].map((input) => inputOf({ step, node }, input));
  const [mean, invstd] = [step.tensors.get(`mean:${index}`), step.tensors.get(`invstd:${index}`)];
  const follows = followingFunction(node.settings);
  if (!x || !gamma || !beta || !mean || !invstd || follows === null) return undefined;
  const c = at[at.length - 1];
  const centred = x.data[placeOf(x, at)] - mean.data[c];
  const terms = [
    { label: `(x[${at}] − mean[${c}]) · invstd[${c}] · γ[${c}]`, factors: [centred, invstd.data[c], gamma.data[c]] },
    { label: `β[${c}]`, factors: [beta.data[c]] },
  ];
  const over = node.settings.training ? 'this batch' : 'all batches before (running)';
  const next = follows ? `${follows.formula} of it follows in the same pass. ` : '';
  const made = byHand(
    `y[h, w, c] = (x[h, w, c] − mean[c]) · invstd[c] · γ[c] + β[c]`,
    terms,
    device,
    `${next}Mean ${mean.data[c].toPrecision(6)} and invstd = 1 / √(variance + ε) = ${invstd.data[c].toPrecision(6)} are those of the channel over ${over}.`,
  );
  // The difference of x and mean rounds too.
  const loss =
    2 ** -23 * (Math.abs(x.data[placeOf(x, at)]) + Math.abs(mean.data[c])) * invstd.data[c] * Math.abs(gamma.data[c]);
  // No slope of these functions is above 1.1; exp of the device is less exact than its sums.
  const inexact = follows ? 0.1 * (made.bound + loss) + 2e-6 * Math.abs(device) : 0;
  return { ...made, sum: follows ? follows.of(made.sum) : made.sum, bound: made.bound + loss + inexact };
}

/** The window of a pooling over the channel: places and values inside the image. */
function windowOf(x: Numbers, s: PoolShape, [oh, ow, c]: readonly number[]) {
  const found: { label: string; value: number }[] = [];
  for (let kh = 0; kh < s.kh; kh++) {
    for (let kw = 0; kw < s.kw; kw++) {
      const [ih, iw] = [oh * s.strideH + kh * s.dilationH - s.padH, ow * s.strideW + kw * s.dilationW - s.padW];
      if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
      found.push({ label: `x[${ih}, ${iw}, ${c}]`, value: x.data[placeOf(x, [ih, iw, c])] });
    }
  }
  return found;
}

function maxPool({ step, node, at, device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  if (!x) return undefined;
  const seen = windowOf(x, node.settings as unknown as PoolShape, at);
  const best = seen.reduce((most, one) => (one.value > most.value ? one : most));
  const others = seen.filter((one) => one !== best).map(({ label, value }) => `${label} = ${value.toPrecision(4)}`);
  const formula = 'y[oh, ow, c] = max over kh, kw of x[oh·stride + kh − pad, ow·stride + kw − pad, c]';
  return byHand(formula, [{ label: best.label, factors: [best.value] }], device, `The others: ${others.join(', ')}.`);
}

function globalAvgPool({ step, node, at: [c], device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  if (x?.shape.length !== 3) return undefined;
  const [h, w] = x.shape;
  const terms = Array.from({ length: h * w }, (_, i) => {
    const place = [Math.floor(i / w), i % w, c];
    return { label: `x[${place.join(', ')}] / ${h * w}`, factors: [x.data[placeOf(x, place)], 1 / (h * w)] };
  });
  return byHand('y[c] = Σ over h, w of x[h, w, c] / (H·W)', terms, device);
}

/** Functions of one number, as the shaders define them. */
const FUNCTIONS: Readonly<Record<string, readonly [formula: string, of: (x: number) => number]>> = {
  relu: ['y = max(0, x)', (x) => Math.max(0, x)],
  sigmoid: ['y = 1 / (1 + exp(−x))', (x) => 1 / (1 + Math.exp(-x))],
  silu: ['y = x / (1 + exp(−x))', (x) => x / (1 + Math.exp(-x))],
  tanh: ['y = tanh(x)', Math.tanh],
};

function pointwise(asked: Asked): ByHand | undefined {
  const { step, node, at, device } = asked;
  const x = inputOf({ step, node }, 0);
  const [formula, of] = FUNCTIONS[node.operation];
  if (!x) return undefined;
  const value = x.data[placeOf(x, at)];
  const made = byHand(formula, [{ label: `f(${value.toPrecision(6)})`, factors: [of(value)] }], device);
  // exp and tanh of the device are less exact than its sums.
  return { ...made, bound: Math.max(made.bound, 2e-6 * Math.max(1, Math.abs(device))) };
}

/** The value of an input at a place of the output, for one that is as large or is repeated. */
function repeated(x: Numbers, at: readonly number[]): { label: string; value: number } {
  const place = at.slice(at.length - x.shape.length).map((i, d) => (x.shape[d] === 1 ? 0 : i));
  return { label: `[${place.join(', ')}]`, value: x.data[placeOf(x, place)] };
}

function binary({ step, node, at, device }: Asked): ByHand | undefined {
  const [a, b] = [0, 1].map((input) => inputOf({ step, node }, input));
  if (!a || !b || a.shape.length > at.length || b.shape.length > at.length) return undefined;
  const [left, right] = [repeated(a, at), repeated(b, at)];
  if (node.operation === 'mul') {
    const label = `a${left.label} · b${right.label}`;
    return byHand('y = a · b', [{ label, factors: [left.value, right.value] }], device);
  }
  const terms = [
    { label: `a${left.label}`, factors: [left.value] },
    { label: `b${right.label}`, factors: [right.value] },
  ];
  if (node.operation === 'add') return byHand('y = a + b', terms, device);
  const made = byHand('y = max(0, a + b)', terms, device);
  return { ...made, sum: Math.max(0, made.sum) };
}

function dropout({ step, node, at, device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  if (!x) return undefined;
  const value = x.data[placeOf(x, at)];
  const factor = value === 0 ? 1 : device / value;
  return byHand(
    'y = x · mask / (1 − p)',
    [{ label: `x[${at.join(', ')}] · ${factor === 0 ? '0' : 'mask / (1 − p)'}`, factors: [value, factor] }],
    device,
    device === 0 && value !== 0 ? 'This value was dropped: its mask is 0.' : 'This value was kept and scaled up.',
  );
}

function squeezeExcitation({ step, node, index, at, device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  const factor = step.tensors.get(`factor:${index}`);
  if (!x || !factor) return undefined;
  const c = at[at.length - 1];
  const terms = [{ label: `x[${at.join(', ')}] · factor[${c}]`, factors: [x.data[placeOf(x, at)], factor.data[c]] }];
  const note = 'The factor is what two small layers make of the means of all channels of this image.';
  return byHand('y[h, w, c] = x[h, w, c] · factor[c]', terms, device, note);
}

function reshape({ step, node, at, index, device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  const y = step.tensors.get(`activation:${index}`);
  if (!x || !y) return undefined;
  const place = placeOf(y, at);
  return byHand('y = x, in another shape', [{ label: `element ${place} of x`, factors: [x.data[place]] }], device);
}

/** Places of a slice in what it is cut out of, or of what is padded in its border. */
function moved({ step, node, at, device }: Asked): ByHand | undefined {
  const x = inputOf({ step, node }, 0);
  const { starts, steps = [] } = node.settings as { starts: number[]; steps?: number[] };
  if (!x || (node.operation === 'slice' && starts[0] !== 0)) return undefined;
  const place = at.map((i, d) =>
    node.operation === 'slice' ? starts[d + 1] + i * (steps[d + 1] ?? 1) : i - starts[d + 1],
  );
  const inside = place.every((i, d) => i >= 0 && i < x.shape[d]);
  const value = inside ? x.data[placeOf(x, place)] : 0;
  const label = inside ? `x[${place.join(', ')}]` : '0, in the border';
  return byHand(
    node.operation === 'slice' ? 'y = x, at places apart' : 'y = x, with 0 around it',
    [{ label, factors: [value] }],
    device,
  );
}

const OPERATIONS: Readonly<Record<string, (asked: Asked) => ByHand | undefined>> = {
  conv2d,
  matmul,
  batchNorm2d: batchNorm,
  maxPool2d: maxPool,
  globalAvgPool2d: globalAvgPool,
  add: binary,
  addRelu: binary,
  mul: binary,
  dropout,
  stochasticDepth: dropout,
  reshape,
  squeezeExcitation,
  slice: moved,
  pad: moved,
  ...Object.fromEntries(Object.keys(FUNCTIONS).map((name) => [name, pointwise])),
};

/**
 * A value of an activation as the sum that it is. index: the operation's place in the record; at: [h, w, c] or [c]. Undefined for operations that are
 * not taken apart, and where the page does not hold what it was computed from.
 */
export function activationByHand(step: ShownStep, index: number, at: readonly number[]): ByHand | undefined {
  const output = step.tensors.get(`activation:${index}`);
  const node = step.record.nodes[index];
  if (output === undefined) return undefined;
  return OPERATIONS[node.operation]?.({ step, node, index, at, device: output.data[placeOf(output, at)] });
}
