import type { GroupedConv2dShape } from '../../src/kernels/grouped_conv2d.ts';

/** Calls `visit` for every multiply-add of a grouped convolution with the flat indices of x, weight and y. */
function forEachTerm(s: GroupedConv2dShape, visit: (x: number, weight: number, y: number) => void): void {
  const depth = s.ci / s.groups;
  const width = s.co / s.groups;
  for (let pixel = 0; pixel < s.n * s.oh * s.ow; pixel++) {
    const ow = pixel % s.ow;
    const oh = Math.floor(pixel / s.ow) % s.oh;
    const n = Math.floor(pixel / (s.ow * s.oh));
    for (let tap = 0; tap < s.kh * s.kw; tap++) {
      const ih = oh * s.strideH + Math.floor(tap / s.kw) * s.dilationH - s.padH;
      const iw = ow * s.strideW + (tap % s.kw) * s.dilationW - s.padW;
      if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
      for (let co = 0; co < s.co; co++) {
        const x = ((n * s.h + ih) * s.w + iw) * s.ci + Math.floor(co / width) * depth;
        for (let j = 0; j < depth; j++) visit(x + j, (tap * depth + j) * s.co + co, pixel * s.co + co);
      }
    }
  }
}

type Values = ArrayLike<number>;

/** Y in float64. */
export function groupedConv2d(
  x: Values,
  weight: Values,
  bias: Values | undefined,
  s: GroupedConv2dShape,
): Float64Array {
  const y = new Float64Array(s.n * s.oh * s.ow * s.co);
  if (bias) for (let i = 0; i < y.length; i++) y[i] = bias[i % s.co];
  forEachTerm(s, (xi, wi, yi) => {
    y[yi] += x[xi] * weight[wi];
  });
  return y;
}

/** dX in float64. */
export function groupedConv2dInputGrad(dy: Values, weight: Values, s: GroupedConv2dShape): Float64Array {
  const dx = new Float64Array(s.n * s.h * s.w * s.ci);
  forEachTerm(s, (xi, wi, yi) => {
    dx[xi] += dy[yi] * weight[wi];
  });
  return dx;
}

/** dW in float64. */
export function groupedConv2dWeightGrad(x: Values, dy: Values, s: GroupedConv2dShape): Float64Array {
  const dw = new Float64Array((s.kh * s.kw * s.ci * s.co) / s.groups);
  forEachTerm(s, (xi, wi, yi) => {
    dw[wi] += x[xi] * dy[yi];
  });
  return dw;
}
