import type { Conv2dShape } from '../../src/kernels/conv2d.ts';

/** Calls `visit` for every multiply-add of a convolution with the flat indices of x, weight and y. */
function forEachTerm(s: Conv2dShape, visit: (x: number, weight: number, y: number) => void): void {
  for (let n = 0; n < s.n; n++) {
    for (let oh = 0; oh < s.oh; oh++) {
      for (let ow = 0; ow < s.ow; ow++) {
        for (let kh = 0; kh < s.kh; kh++) {
          for (let kw = 0; kw < s.kw; kw++) {
            const ih = oh * s.strideH + kh * s.dilationH - s.padH;
            const iw = ow * s.strideW + kw * s.dilationW - s.padW;
            if (ih < 0 || iw < 0 || ih >= s.h || iw >= s.w) continue;
            for (let ci = 0; ci < s.ci; ci++) {
              const x = ((n * s.h + ih) * s.w + iw) * s.ci + ci;
              const weight = ((kh * s.kw + kw) * s.ci + ci) * s.co;
              const y = ((n * s.oh + oh) * s.ow + ow) * s.co;
              for (let co = 0; co < s.co; co++) visit(x, weight + co, y + co);
            }
          }
        }
      }
    }
  }
}

type Values = ArrayLike<number>;

/** Y in float64. */
export function conv2d(x: Values, weight: Values, bias: Values | undefined, s: Conv2dShape): Float64Array {
  const y = new Float64Array(s.n * s.oh * s.ow * s.co);
  if (bias) for (let i = 0; i < y.length; i++) y[i] = bias[i % s.co];
  forEachTerm(s, (xi, wi, yi) => {
    y[yi] += x[xi] * weight[wi];
  });
  return y;
}

/** dX in float64. */
export function conv2dInputGrad(dy: Values, weight: Values, s: Conv2dShape): Float64Array {
  const dx = new Float64Array(s.n * s.h * s.w * s.ci);
  forEachTerm(s, (xi, wi, yi) => {
    dx[xi] += dy[yi] * weight[wi];
  });
  return dx;
}

/** dW in float64. */
export function conv2dWeightGrad(x: Values, dy: Values, s: Conv2dShape): Float64Array {
  const dw = new Float64Array(s.kh * s.kw * s.ci * s.co);
  forEachTerm(s, (xi, wi, yi) => {
    dw[wi] += x[xi] * dy[yi];
  });
  return dw;
}
