import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** What lies beyond the border of an image. */
export type PadMode = 'constant' | 'reflect' | 'replicate';

/** Sizes of a padding: X [n, h, w, c] gives Y [n, oh, ow, c], with `top` rows above and `left` columns before the image. */
export interface Pad2dShape {
  n: number;
  h: number;
  w: number;
  c: number;
  oh: number;
  ow: number;
  top: number;
  left: number;
  mode: PadMode;
}

const inputSize = ({ n, h, w, c }: Pad2dShape) => n * h * w * c;
const outputSize = ({ n, oh, ow, c }: Pad2dShape) => n * oh * ow * c;

/** A shader by the elements that it takes at once, and what it is told. */
function call(gpu: Gpu, shader: string, { h, w, c, oh, ow, top, left, mode }: Pad2dShape, elements: number) {
  const lanes = c % 4 === 0 ? 4 : 1;
  const count = elements / lanes;
  const code = gpu.shader('pad2d').constants[mode.toUpperCase()];
  return {
    shader: lanes === 4 ? `${shader}<vec4f>` : shader,
    params: { count, h, w, c: c / lanes, oh, ow, top, left, mode: code },
    invocations: count,
  };
}

/** Y; `value` stands beyond the border in mode 'constant'. */
export function pad2d(x: F32, s: Pad2dShape, value: number): F32 {
  const y = x.gpu.alloc(outputSize(s), 'f32', 'pad2d');
  const { shader, params, invocations } = call(x.gpu, 'pad2d', s, y.length);
  dispatch(x.gpu, shader, {
    operation: 'pad2d',
    arrays: { x: [x, inputSize(s)], y: [y, y.length] },
    params: { ...params, value },
    invocations,
    flops: 0,
  });
  return y;
}

/** dX from dY. */
export function pad2dGrad(dy: F32, s: Pad2dShape): F32 {
  const dx = dy.gpu.alloc(inputSize(s), 'f32', 'pad2dGrad');
  const { shader, params, invocations } = call(dy.gpu, 'pad2d_grad', s, dx.length);
  dispatch(dy.gpu, shader, {
    operation: 'pad2dGrad',
    arrays: { dy: [dy, outputSize(s)], dx: [dx, dx.length] },
    params,
    invocations,
    flops: s.mode === 'constant' ? 0 : outputSize(s),
  });
  return dx;
}
