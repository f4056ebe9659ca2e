/**
 * Sizes of a convolution: X [n, h, w, ci] with W [kh, kw, ci, co] gives Y [n, oh, ow, co]. pad: zeros before the first row and column; behind the
 * last there are as many as oh and ow need.
 */
export interface Conv2dShape {
  n: number;
  h: number;
  w: number;
  ci: number;
  co: number;
  kh: number;
  kw: number;
  strideH: number;
  strideW: number;
  padH: number;
  padW: number;
  /** Pixels from one tap to the next. */
  dilationH: number;
  dilationW: number;
  oh: number;
  ow: number;
}

/** The convolution of dY that gives dX where the stride is 1: with the taps in reversed order, and as much padding as lets every tap meet every pixel. */
export function backwards(s: Conv2dShape): Conv2dShape | undefined {
  const [padH, padW] = [(s.kh - 1) * s.dilationH - s.padH, (s.kw - 1) * s.dilationW - s.padW];
  if (s.strideH !== 1 || s.strideW !== 1 || padH < 0 || padW < 0) return undefined;
  return { ...s, h: s.oh, w: s.ow, ci: s.co, co: s.ci, padH, padW, oh: s.h, ow: s.w };
}
