import { randomInput } from '../src/inspect/ladder/random_input.ts';
import type { DeviceArray } from '../src/runtime/gpu.ts';
import type { Benchmark } from './benchmark.ts';

type F32 = DeviceArray<'f32'>;

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
