import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** Sizes of images before and after: X [n, h, w, c] gives Y [n, oh, ow, c]. */
export interface UpsampleShape {
  n: number;
  h: number;
  w: number;
  c: number;
  oh: number;
  ow: number;
  /** Old pixels to a new one. */
  scaleH: number;
  scaleW: number;
  mode: 'nearest' | 'bilinear';
  /** Of mode 'bilinear': whether the outermost pixels meet, or the outermost edges. */
  alignCorners: boolean;
}

const inputSize = ({ n, h, w, c }: UpsampleShape) => n * h * w * c;
const outputSize = ({ n, oh, ow, c }: UpsampleShape) => n * oh * ow * c;

/** A shader by the elements that it takes at once, and what it is told. */
function call(suffix: '' | '_grad', s: UpsampleShape, elements: number) {
  const { h, w, c, oh, ow, mode } = s;
  const lanes = c % 4 === 0 ? 4 : 1;
  const count = elements / lanes;
  const scales = { scale_h: s.scaleH, scale_w: s.scaleW };
  return {
    shader: `upsample_${mode}${suffix}${lanes === 4 ? '<vec4f>' : ''}`,
    params: { count, h, w, c: c / lanes, oh, ow, ...scales, align_corners: Number(s.alignCorners) },
    invocations: count,
  };
}

/** Y. */
export function upsample(x: F32, s: UpsampleShape): F32 {
  const y = x.gpu.alloc(outputSize(s), 'f32', 'upsample');
  const { shader, ...work } = call('', s, y.length);
  dispatch(x.gpu, shader, {
    operation: 'upsample',
    arrays: { x: [x, inputSize(s)], y: [y, y.length] },
    ...work,
    flops: s.mode === 'bilinear' ? 9 * y.length : 0,
  });
  return y;
}

/** dX from dY. */
export function upsampleGrad(dy: F32, s: UpsampleShape): F32 {
  const dx = dy.gpu.alloc(inputSize(s), 'f32', 'upsampleGrad');
  const { shader, ...work } = call('_grad', s, dx.length);
  dispatch(dy.gpu, shader, {
    operation: 'upsampleGrad',
    arrays: { dy: [dy, outputSize(s)], dx: [dx, dx.length] },
    ...work,
    flops: (s.mode === 'bilinear' ? 12 : 1) * dy.length,
  });
  return dx;
}
