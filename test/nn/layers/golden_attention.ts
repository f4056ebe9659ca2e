import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromTorch, imagesFromTorch } from '../../../src/nn/weights/layout.ts';
import {
  CBAM,
  type Gpu,
  gradcheck,
  type Module,
  relu,
  SqueezeExcitation,
  type Tensor,
  tensor,
} from '../../../src/node.ts';
import { randomTensor, relativeError, useGpu } from '../../gpu.ts';

interface Golden {
  /** N, C, H, W */
  shape: number[];
  cases: Record<
    string,
    {
      x: number[];
      upstream: number[];
      y: number[];
      dx: number[];
      parameters: { name: string; shape: number[]; value: number[]; grad: number[] }[];
    }
  >;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../fixtures/nn/attention.json', import.meta.url), 'utf8'));

const MAKE: Record<string, (gpu: Gpu) => Module> = {
  'SqueezeExcitation, ReLU': (gpu) => new SqueezeExcitation(gpu, 8, { squeezed: 4 }),
  'SqueezeExcitation, SiLU': (gpu) => new SqueezeExcitation(gpu, 8, { squeezed: 3, activation: 'silu' }),
  'CBAM, 7×7': (gpu) => new CBAM(gpu, 8, { squeezed: 4 }),
  'CBAM, 3×3': (gpu) => new CBAM(gpu, 8, { squeezed: 5, kernelSize: 3 }),
};

// Sums of up to 98 products of numbers below 1, each rounded by 6e-8, through four small layers.
const TOLERANCE = 3e-6;

/** Tests a layer's values and gradients against PyTorch's, and its gradient in mid-graph. Call at the top of its test file. */
export function attendsAsPyTorch(layer: 'SqueezeExcitation' | 'CBAM', make: (gpu: Gpu) => Module): void {
  const held = useGpu();
  const cases = Object.entries(golden.cases).filter(([name]) => name.startsWith(layer));
  it.each(cases)('%s, as PyTorch computes it: values and all gradients', async (name, one) => {
    const { gpu } = held;
    const images = (values: number[]) => {
      const { data, shape } = imagesFromTorch({ shape: golden.shape, data: Float32Array.from(values) });
      return { data, shape };
    };
    const layer = MAKE[name](gpu);
    const ours = ({ shape }: { shape: number[] }, values: number[]) =>
      fromTorch({ shape, data: Float32Array.from(values) });
    layer.loadStateDict(
      new Map(
        one.parameters.map((parameter) => {
          const { data, shape } = ours(parameter, parameter.value);
          return [parameter.name, tensor(gpu, data, shape)];
        }),
      ),
    );
    const { data, shape } = images(one.x);
    const x = tensor(gpu, data, shape, { requiresGrad: true });
    const y = layer.call(x);
    expect(y.shape).toEqual(shape);
    expect(relativeError(await y.data(), images(one.y).data)).toBeLessThan(TOLERANCE);
    y.backward(tensor(gpu, images(one.upstream).data, shape));
    expect(relativeError(await (x.grad as Tensor).data(), images(one.dx).data)).toBeLessThan(TOLERANCE);
    const parameters = new Map(layer.namedParameters());
    for (const parameter of one.parameters) {
      const { grad } = parameters.get(parameter.name)!;
      const got = await (grad as Tensor).data();
      expect(relativeError(got, ours(parameter, parameter.grad).data), parameter.name).toBeLessThan(TOLERANCE);
    }
  });

  it('passes gradients on in mid-graph, infers its shape and says which it wants', async () => {
    const { gpu } = held;
    const layer = make(gpu);
    expect(layer.inferShape([2, 4, 3, 5])).toEqual([2, 4, 3, 5]);
    expect(() => layer.inferShape([2, 4, 3, 6])).toThrow(/the input must be \[N, H, W, 5\]; its shape is \[2,4,3,6\]/);
    // Above 0, so that the ReLU has no kink in reach; what the pools find largest may change within a step, where the factor hardly does.
    const x = randomTensor(gpu, [1, 4, 3, 5], 2, { requiresGrad: true, low: 0.1, high: 1 });
    await gradcheck((t) => relu(layer.call(relu(t))), [x], { step: 2e-3, absolute: 3e-3 });
  });
}
