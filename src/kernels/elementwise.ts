import type { DeviceArray, Gpu } from '../runtime/gpu.ts';

type F32 = DeviceArray<'f32'>;

/** Runs a flat vec4 kernel that writes a new array as long as its inputs. */
function mapVectors(
  shader: string,
  inputs: Readonly<Record<string, F32>>,
  params: Record<string, number> = {},
  constants?: Record<string, number>,
): F32 {
  const [first] = Object.values(inputs);
  const count = first.length;
  const y = first.gpu.alloc(count, 'f32', shader);
  const arrays: Record<string, readonly [F32, number]> = {};
  for (const name in inputs) arrays[name] = [inputs[name], count];
  arrays[shader.endsWith('_grad') ? 'dx' : 'y'] = [y, count];
  const vectors = Math.ceil(count / 4);
  first.gpu.dispatch(shader, { arrays, params: { vectors, ...params }, constants, invocations: vectors });
  return y;
}

/** y = value, `count` times. */
export function fill(gpu: Gpu, count: number, value: number): F32 {
  const y = gpu.alloc(count, 'f32', 'fill');
  const vectors = Math.ceil(count / 4);
  gpu.dispatch('fill', { arrays: { y: [y, count] }, params: { vectors, value }, invocations: vectors });
  return y;
}

/** y = x, in memory of its own. */
export function copy(x: F32): F32 {
  return mapVectors('copy', { x });
}

/** y = a + b, of equal length. */
export function add(a: F32, b: F32): F32 {
  return mapVectors('add', { a, b });
}

/** y = max(a + b, 0), of equal length. Its gradient, to both alike, is `reluGrad` of y. */
export function addRelu(a: F32, b: F32): F32 {
  return mapVectors('add_relu', { a, b });
}

/** y += x, of equal length. */
export function addInPlace(y: F32, x: F32): void {
  const count = y.length;
  const vectors = Math.ceil(count / 4);
  y.gpu.dispatch('add_in_place', {
    arrays: { x: [x, count], y: [y, count] },
    params: { vectors },
    invocations: vectors,
  });
}

/** y = a · b, element by element, of equal length. */
export function mul(a: F32, b: F32): F32 {
  return mapVectors('mul', { a, b });
}

/** y = factor · x. */
export function scale(x: F32, factor: number): F32 {
  return mapVectors('scale', { x }, { factor });
}

/** y = max(x, 0). */
export function relu(x: F32): F32 {
  return mapVectors('relu', { x });
}

/** dx = dy where y > 0, else 0; y is the output of `relu`. */
export function reluGrad(dy: F32, y: F32): F32 {
  return mapVectors('relu_grad', { dy, y });
}

/** y = 1 / (1 + e^−x). */
export function sigmoid(x: F32): F32 {
  return mapVectors('sigmoid', { x });
}

/** dx = dy · y · (1 − y); y is the output of `sigmoid`. */
export function sigmoidGrad(dy: F32, y: F32): F32 {
  return mapVectors('sigmoid_grad', { dy, y });
}

/** y = x · σ(x), σ the logistic sigmoid. */
export function silu(x: F32): F32 {
  return mapVectors('silu', { x });
}

/** dx = dy · σ(x) · (1 + x · (1 − σ(x))). */
export function siluGrad(dy: F32, x: F32): F32 {
  return mapVectors('silu_grad', { dy, x });
}

/** y = x · Φ(x), Φ the normal distribution's cumulative function. */
export function gelu(x: F32): F32 {
  return mapVectors('gelu', { x });
}

/** dx = dy · (Φ(x) + x · φ(x)). */
export function geluGrad(dy: F32, x: F32): F32 {
  return mapVectors('gelu_grad', { dy, x });
}

/** y = x where x > 0, else slope · x. */
export function leakyRelu(x: F32, slope: number): F32 {
  return mapVectors('leaky_relu', { x }, { slope });
}

/** dx = dy where x > 0, else slope · dy. */
export function leakyReluGrad(dy: F32, x: F32, slope: number): F32 {
  return mapVectors('leaky_relu_grad', { dy, x }, { slope });
}

/** The functions of `unary.wgsl`, as it names them. */
export type UnaryOp = 'EXP' | 'LOG' | 'SQRT' | 'ABS' | 'TANH' | 'CLAMP' | 'POWER' | 'GELU_TANH';

/** The numbers that a function takes besides: the least and largest value of CLAMP, the exponent of POWER. */
export type UnaryNumbers = readonly [first?: number, second?: number];

function unaryCall({ gpu }: F32, shader: string, op: UnaryOp, [first = 0, second = 0]: UnaryNumbers) {
  return [{ first, second }, { OP: gpu.shader(shader).constants[op] }] as const;
}

/** y = f(x). */
export function unary(op: UnaryOp, x: F32, numbers: UnaryNumbers = []): F32 {
  return mapVectors('unary', { x }, ...unaryCall(x, 'unary', op, numbers));
}

/** dx = dy · f'. v: the input of `unary`; of SQRT and TANH the output. EXP has no form here, as its gradient is a product. */
export function unaryGrad(op: Exclude<UnaryOp, 'EXP'>, dy: F32, v: F32, numbers: UnaryNumbers = []): F32 {
  return mapVectors('unary_grad', { dy, v }, ...unaryCall(dy, 'unary_grad', op, numbers));
}
