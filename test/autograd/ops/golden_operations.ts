import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { HostTensor } from '../../../src/nn/weights/host_tensor.ts';
import { fromTorch, imagesFromTorch, permute } from '../../../src/nn/weights/layout.ts';
import { type Tensor, tensor } from '../../../src/node.ts';
import { relativeError, useGpu } from '../../gpu.ts';

interface Encoded {
  shape: number[];
  /** float32, in base64. */
  data: string;
}

interface Case {
  options: Record<string, unknown>;
  x: Encoded;
  y: Encoded;
  dy: Encoded;
  dx: Encoded;
  params: Record<string, { value: Encoded; grad: Encoded }>;
}

const file = new URL('../../fixtures/autograd/image_operations.json', import.meta.url);
const golden: Record<string, Case[]> = JSON.parse(readFileSync(file, 'utf8'));

const decode = ({ shape, data }: Encoded): HostTensor<Float32Array> => ({
  shape,
  data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer),
});

/** How the engine's layout comes from PyTorch's: of images, of sequences [N, C, L], or as it is. */
const LAYOUTS = {
  images: { data: imagesFromTorch, params: fromTorch },
  sequences: {
    data: (x: HostTensor<Float32Array>) => permute(x, [0, 2, 1]),
    params: (p: HostTensor<Float32Array>) => (p.shape.length === 3 ? permute(p, [2, 1, 0]) : p),
  },
  same: { data: (x: HostTensor<Float32Array>) => x, params: (p: HostTensor<Float32Array>) => p },
};

/** An operation on x with parameters by PyTorch's names. */
type Run = (x: Tensor, params: Record<string, Tensor>, options: never) => Tensor;

/**
 * Tests an operation's output, and its gradients of x and of the parameters, against what PyTorch makes of the same numbers. tolerance: of
 * `relativeError`; both sides round at each of up to some hundred terms, by 6e-8.
 */
export function agreesWithPyTorch(
  operation: string,
  run: Run,
  { layout = 'images' as keyof typeof LAYOUTS, tolerance = 2e-6 } = {},
): void {
  const held = useGpu();
  const cases = golden[operation].map((one) => ({
    one,
    title: `${JSON.stringify(one.x.shape)} ${JSON.stringify(one.options)}`,
  }));
  it.each(cases)(`${operation} agrees with PyTorch, forward and backward: $title`, async ({ one }) => {
    const { gpu } = held;
    const { data, params } = LAYOUTS[layout];
    const variable = ({ shape, data }: HostTensor<Float32Array>) => tensor(gpu, data, shape, { requiresGrad: true });
    const x = variable(data(decode(one.x)));
    const named = Object.fromEntries(
      Object.entries(one.params).map(([name, { value }]) => [name, variable(params(decode(value)))]),
    );
    const y = run(x, named, one.options as never);
    const expected = data(decode(one.y));
    expect(y.shape).toEqual(expected.shape);
    expect(relativeError(await y.data(), expected.data), 'y').toBeLessThan(tolerance);
    const dy = data(decode(one.dy));
    y.backward(tensor(gpu, dy.data, dy.shape));
    expect(relativeError(await x.grad!.data(), data(decode(one.dx)).data), 'dx').toBeLessThan(tolerance);
    for (const [name, { grad }] of Object.entries(one.params)) {
      expect(relativeError(await named[name].grad!.data(), params(decode(grad)).data), name).toBeLessThan(tolerance);
    }
  });
}
