import type { Conv2dShape } from '../src/kernels/conv2d.ts';
import type { DeviceArray } from '../src/runtime/gpu.ts';
import type { Benchmark } from './benchmark.ts';
import { randomInput } from './random_input.ts';

type F32 = DeviceArray<'f32'>;

/** A layer with square images and windows, padded so that stride 1 keeps the size. */
export interface Layer {
  batch: number;
  /** Height and width of the input. */
  size: number;
  from: number;
  to: number;
  kernel: number;
  stride?: number;
}

export function shapeOf({ batch, size, from, to, kernel, stride = 1 }: Layer): Conv2dShape {
  const pad = kernel >> 1;
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    ...{ n: batch, h: size, w: size, ci: from, co: to, kh: kernel, kw: kernel },
    ...{ strideH: stride, strideW: stride, padH: pad, padW: pad, dilationH: 1, dilationW: 1, oh: out, ow: out },
  };
}

/** Its window in words. */
export function layerText({ kernel, stride = 1 }: Layer): string {
  return `${kernel}×${kernel}${stride > 1 ? ` stride ${stride}` : ''}`;
}

interface Passes extends Pick<Benchmark, 'shape' | 'rungs' | 'flops'> {
  forward(x: F32, weight: F32): F32;
  inputGrad(dy: F32, weight: F32): F32;
  weightGrad(x: F32, dy: F32): F32;
}

/** The three passes of a convolution, each on random input; sizes: elements of X, Y and W. */
export function layerPasses(
  name: string,
  { inputs, outputs, weights }: { inputs: number; outputs: number; weights: number },
  { forward, inputGrad, weightGrad, ...common }: Passes,
): Benchmark[] {
  const pass = (suffix: string, sizes: [number, number], run: (a: F32, b: F32) => F32): Benchmark => ({
    ...{ name: `${name}${suffix}`, ...common, bytes: 4 * (inputs + outputs + weights) },
    prepare: (gpu) => {
      const [a, b] = [randomInput(gpu, sizes[0]), randomInput(gpu, sizes[1])];
      return () => void run(a, b);
    },
  });
  return [
    pass('', [inputs, weights], forward),
    pass('-input-grad', [outputs, weights], inputGrad),
    pass('-weight-grad', [inputs, outputs], weightGrad),
  ];
}
