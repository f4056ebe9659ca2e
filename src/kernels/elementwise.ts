import { type DeviceArray, elementBytes, type Gpu } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';

type F32 = DeviceArray<'f32'>;

/** Runs a flat vec4 kernel that writes a new array as long as its inputs. flops: of an element. */
function mapVectors(
  shader: string,
  flops: number,
  inputs: Readonly<Record<string, F32>>,
  params: Record<string, number> = {},
  constants?: Record<string, number>,
): F32 {
  const [first] = Object.values(inputs);
  const count = first.length;
  const y = first.gpu.alloc(count, 'f32', shader, first.storage);
  const arrays: Record<string, readonly [F32, number]> = {};
  for (const name in inputs) arrays[name] = [inputs[name], count];
  arrays[shader.endsWith('_grad') ? 'dx' : 'y'] = [y, count];
  const vectors = Math.ceil(count / 4);
  dispatch(first.gpu, shader, {
    arrays,
    params: { vectors, ...params },
    constants,
    invocations: vectors,
    flops: flops * count,
  });
  return y;
}

/** y = value, `count` times. */
export function fill(gpu: Gpu, count: number, value: number): F32 {
  const y = gpu.alloc(count, 'f32', 'fill');
  const vectors = Math.ceil(count / 4);
  dispatch(gpu, 'fill', { arrays: { y: [y, count] }, params: { vectors, value }, invocations: vectors, flops: 0 });
  return y;
}

/** y = x, in memory of its own. */
export function copy(x: F32): F32 {
  return mapVectors('copy', 0, { x });
}

/** y = a + b, of equal length. */
export function add(a: F32, b: F32): F32 {
  return mapVectors('add', 1, { a, b });
}

/** y = max(a + b, 0), of equal length. Its gradient, to both alike, is `reluGrad` of y. */
export function addRelu(a: F32, b: F32): F32 {
  return mapVectors('add_relu', 2, { a, b });
}

/** y += x, of equal length. */
export function addInPlace(y: F32, x: F32): void {
  const count = y.length;
  const vectors = Math.ceil(count / 4);
  dispatch(y.gpu, 'add_in_place', {
    arrays: { x: [x, count], y: [y, count] },
    params: { vectors },
    invocations: vectors,
    flops: count,
    bytes: 3 * elementBytes(y.storage) * count,
  });
}

/** y = a · b, element by element, of equal length. */
export function mul(a: F32, b: F32): F32 {
  return mapVectors('mul', 1, { a, b });
}

/** y = factor · x. */
export function scale(x: F32, factor: number): F32 {
  return mapVectors('scale', 1, { x }, { factor });
}

/** y = max(x, 0). */
export function relu(x: F32): F32 {
  return mapVectors('relu', 1, { x });
}

/** dx = dy where y > 0, else 0; y is the output of `relu`. */
export function reluGrad(dy: F32, y: F32): F32 {
  return mapVectors('relu_grad', 1, { dy, y });
}

/** y = 1 / (1 + e^−x). */
export function sigmoid(x: F32): F32 {
  return mapVectors('sigmoid', 3, { x });
}

/** dx = dy · y · (1 − y); y is the output of `sigmoid`. */
export function sigmoidGrad(dy: F32, y: F32): F32 {
  return mapVectors('sigmoid_grad', 3, { dy, y });
}

/** y = x · σ(x), σ the logistic sigmoid. */
export function silu(x: F32): F32 {
  return mapVectors('silu', 4, { x });
}

/** dx = dy · σ(x) · (1 + x · (1 − σ(x))). */
export function siluGrad(dy: F32, x: F32): F32 {
  return mapVectors('silu_grad', 8, { dy, x });
}

/** y = x · Φ(x), Φ the normal distribution's cumulative function. */
export function gelu(x: F32): F32 {
  return mapVectors('gelu', 20, { x });
}

/** dx = dy · (Φ(x) + x · φ(x)). */
export function geluGrad(dy: F32, x: F32): F32 {
  return mapVectors('gelu_grad', 23, { dy, x });
}

/** y = x where x > 0, else slope · x. */
export function leakyRelu(x: F32, slope: number): F32 {
  return mapVectors('leaky_relu', 2, { x }, { slope });
}

/** dx = dy where x > 0, else slope · dy. */
export function leakyReluGrad(dy: F32, x: F32, slope: number): F32 {
  return mapVectors('leaky_relu_grad', 2, { dy, x }, { slope });
}

/** The functions of `unary.wgsl`, as it names them. */
export type UnaryOp = 'EXP' | 'LOG' | 'SQRT' | 'ABS' | 'TANH' | 'CLAMP' | 'POWER' | 'GELU_TANH';

/** Floating-point operations of each function, and of its gradient, for an element. */
const UNARY_FLOPS: Readonly<Record<UnaryOp, number>> = {
  ...{ EXP: 1, LOG: 1, SQRT: 1, ABS: 0, TANH: 1, CLAMP: 2, POWER: 1, GELU_TANH: 9 },
};
const UNARY_GRAD_FLOPS: Readonly<Record<Exclude<UnaryOp, 'EXP'>, number>> = {
  ...{ LOG: 1, SQRT: 2, ABS: 2, TANH: 3, CLAMP: 2, POWER: 3, GELU_TANH: 18 },
};

/** The numbers that a function takes besides: the least and largest value of CLAMP, the exponent of POWER. */
export type UnaryNumbers = readonly [first?: number, second?: number];

function unaryCall({ gpu }: F32, shader: string, op: UnaryOp, [first = 0, second = 0]: UnaryNumbers) {
  return [{ first, second }, { OP: gpu.shader(shader).constants[op] }] as const;
}

/** y = f(x). */
export function unary(op: UnaryOp, x: F32, numbers: UnaryNumbers = []): F32 {
  return mapVectors('unary', UNARY_FLOPS[op], { x }, ...unaryCall(x, 'unary', op, numbers));
}

/** dx = dy · f'. v: the input of `unary`; of SQRT and TANH the output. EXP has no form here, as its gradient is a product. */
export function unaryGrad(op: Exclude<UnaryOp, 'EXP'>, dy: F32, v: F32, numbers: UnaryNumbers = []): F32 {
  return mapVectors('unary_grad', UNARY_GRAD_FLOPS[op], { dy, v }, ...unaryCall(dy, 'unary_grad', op, numbers));
}
