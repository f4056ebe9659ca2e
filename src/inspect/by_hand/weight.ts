import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import type { ShownParameter, ShownStep, ShownWeight } from '../shown_step.ts';
import { followingFunction } from './norm_activation.ts';
import { type ByHand, byHand, type Term } from './sum.ts';

/** The gradient of a weight as the sum that it is, over the batch. Undefined where the page does not hold what it is a sum of. */
export function gradientByHand(step: ShownStep, parameter: ShownParameter, weight: ShownWeight): ByHand | undefined {
  const { node: index, input } = parameter;
  const node = step.record.nodes[index];
  const channel = weight.index[weight.index.length - 1];
  const plane = (name: string, of: number) => step.tensors.get(`${name}:${index}:${of}`);
  const dy = plane('outputGradient', channel);
  if (dy === undefined) return undefined;
  if (node.operation === 'conv2d' && input === 1) {
    const [kh, kw, ci, co] = weight.index;
    const s = node.settings as unknown as GroupedConv2dShape;
    const c = ci + (s.ci / s.groups) * Math.floor((co * s.groups) / s.co);
    const x = plane('input', c);
    if (x === undefined) return undefined;
    const terms: Term[] = [];
    for (let n = 0; n < s.n; n++) {
      for (let oh = 0; oh < s.oh; oh++) {
        const ih = oh * s.strideH + kh * s.dilationH - s.padH;
        for (let ow = 0; ow < s.ow; ow++) {
          const iw = ow * s.strideW + kw * s.dilationW - s.padW;
          if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
          const factors = [x.data[(n * s.h + ih) * s.w + iw], dy.data[(n * s.oh + oh) * s.ow + ow]];
          terms.push({ label: `x[${n}, ${ih}, ${iw}, ${c}] · dy[${n}, ${oh}, ${ow}, ${co}]`, factors });
        }
      }
    }
    const formula =
      'dw[kh, kw, ci, co] = Σ over n, oh, ow of x[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · dy[n, oh, ow, co]';
    return byHand(formula, terms, weight.gradient);
  }
  if (node.operation === 'matmul' && weight.index.length === 2) {
    const [i, o] = weight.index;
    const x = plane('input', i);
    if (x === undefined) return undefined;
    const terms = Array.from(dy.data, (value, n) => ({
      label: `x[${n}, ${i}] · dy[${n}, ${o}]`,
      factors: [x.data[n], value],
    }));
    return byHand('dw[i, o] = Σ over n of x[n, i] · dy[n, o]', terms, weight.gradient);
  }
  if (node.operation === 'batchNorm2d') return ofNorm(step, parameter, weight);
  // A bias: of a convolution, or added to a product.
  if ((node.operation === 'conv2d' && input === 2) || node.operation === 'add') {
    const terms = Array.from(dy.data, (value, n) => ({ label: `dy[${n}] of channel ${channel}`, factors: [value] }));
    return byHand('db[c] = Σ over n, h, w of dy[n, h, w, c]', terms, weight.gradient);
  }
  return undefined;
}

/** γ and β of a batch norm. */
function ofNorm(step: ShownStep, { node: index, input }: ShownParameter, weight: ShownWeight): ByHand | undefined {
  const { settings, inputs } = step.record.nodes[index];
  const [c] = weight.index;
  const [dy, x] = ['outputGradient', 'input'].map((name) => step.tensors.get(`${name}:${index}:${c}`));
  const [mean, invstd] = [step.tensors.get(`mean:${index}`), step.tensors.get(`invstd:${index}`)];
  const [gamma, beta] = inputs
    .slice(1)
    .map((input) => ('parameter' in input ? step.tensors.get(`parameter:${input.parameter}`) : undefined));
  const follows = followingFunction(settings);
  if (!dy || !x || !mean || !invstd || !gamma || !beta || follows === null) return undefined;
  const mask = follows ? " · f'(v)" : '';
  const lets = (i: number) =>
    follows ? follows.slope((x.data[i] - mean.data[c]) * invstd.data[c] * gamma.data[c] + beta.data[c]) : 1;
  if (input === 2) {
    const terms = Array.from(dy.data, (value, i) => ({ label: `dy[${i}]${mask}`, factors: [value, lets(i)] }));
    return byHand(`dβ[c] = Σ over n, h, w of dy[n, h, w, c]${mask}`, terms, weight.gradient);
  }
  const terms = Array.from(dy.data, (value, i) => ({
    label: `dy[${i}] · (x[${i}] − mean) · invstd${mask}`,
    factors: [value, lets(i), x.data[i] - mean.data[c], invstd.data[c]],
  }));
  const made = byHand(
    `dγ[c] = Σ over n, h, w of dy[n, h, w, c] · (x[n, h, w, c] − mean[c]) · invstd[c]${mask}`,
    terms,
    weight.gradient,
  );
  // The differences of x and mean round too.
  const lost = terms.reduce((sum, { factors: [value, kept] }, i) => {
    return sum + Math.abs(value * kept) * (Math.abs(x.data[i]) + Math.abs(mean.data[c])) * invstd.data[c];
  }, 0);
  return { ...made, bound: made.bound + 2 ** -23 * lost };
}
