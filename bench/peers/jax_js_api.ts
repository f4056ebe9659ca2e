/** The part of @jax-js/jax that the peer uses; its own types are there only once the peers are installed. */
export interface JaxJs {
  init(device: 'webgpu'): Promise<string[]>;
  defaultDevice(device: 'webgpu'): string;
  numpy: {
    array(values: Float32Array | Int32Array, options: { shape: readonly number[] }): JaxArray;
    float32: unknown;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    square(x: JaxArray): JaxArray;
  };
  nn: { relu(x: JaxArray): JaxArray; logSoftmax(x: JaxArray, axis: number): JaxArray };
  lax: { conv(x: JaxArray, weight: JaxArray, strides: number[], padding: 'SAME'): JaxArray };
  jit<F>(f: F): F;
  valueAndGrad<P extends Record<string, JaxArray>>(
    loss: (parameters: P, x: JaxArray, targets: JaxArray) => JaxArray,
  ): (parameters: P, x: JaxArray, targets: JaxArray) => [JaxArray, P];
  blockUntilReady<T>(tree: T): Promise<T>;
}

/** An array that a function which takes it consumes, unless it is given its `ref`. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: number[];
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  sum(axis?: number | number[]): JaxArray;
  mean(axis: number[], options?: { keepdims: boolean }): JaxArray;
  max(axis: number[]): JaxArray;
  reshape(shape: number[]): JaxArray;
  transpose(order?: number[]): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}
