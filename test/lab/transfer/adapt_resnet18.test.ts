import { describe, expect, it } from 'vitest';
import { adaptResNet18, shrinkKernel } from '../../../src/lab/transfer/adapt_resnet18.ts';
import { downloadTensors, loadWeights, ResNet18, toTorch, type Weights } from '../../../src/node.ts';
import { randomValues, relativeError, useGpu } from '../../gpu.ts';

const held = useGpu();

/** Every old tap as 3×3 pieces, every new one the sum of the 7×7 pieces in its square. */
function byPieces(kernel: Float32Array): number[] {
  return Array.from({ length: 9 }, (_, at) => {
    let sum = 0;
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 7; x++) {
        const [row, column] = [Math.floor((Math.floor(at / 3) * 7 + y) / 3), Math.floor(((at % 3) * 7 + x) / 3)];
        sum += kernel[row * 7 + column] / 9;
      }
    }
    return sum;
  });
}

describe('shrinkKernel', () => {
  it('sums what each new tap covers', () => {
    const data = randomValues(2 * 3 * 49, 1);
    const { shape, data: small } = shrinkKernel({ shape: [2, 3, 7, 7], data });
    expect(shape).toEqual([2, 3, 3, 3]);
    const expected = Array.from({ length: 6 }, (_, k) => byPieces(data.subarray(k * 49, (k + 1) * 49))).flat();
    // Sums in float64, rounded once.
    expect(relativeError(small, expected)).toBeLessThan(1e-6);
  });

  it('keeps the response to an even image, and leaves a 3×3 kernel as it is', () => {
    const data = randomValues(49, 2);
    const total = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);
    expect(total(shrinkKernel({ shape: [1, 1, 7, 7], data }).data)).toBeCloseTo(total(data), 5);
    const small = randomValues(9, 3);
    expect(shrinkKernel({ shape: [1, 1, 3, 3], data: small }).data).toEqual(small);
  });
});

describe('adaptResNet18', () => {
  const imagenet = async (): Promise<Weights> => {
    const model = new ResNet18(held.gpu, { form: 'imagenet', width: 1 / 16, classes: 1000 });
    const tensors = await downloadTensors(model.stateDict());
    return new Map([...tensors].map(([name, tensor]) => [name, toTorch(tensor)]));
  };

  it('fits the weights of the ImageNet form to the CIFAR form', async () => {
    const weights = await imagenet();
    const adapted = adaptResNet18(weights);
    const model = new ResNet18(held.gpu, { width: 1 / 16 });
    const { missing, unexpected } = loadWeights(model, adapted, { strict: false });
    expect({ missing, unexpected }).toEqual({ missing: ['fc.weight', 'fc.bias'], unexpected: [] });
    expect(adapted.get('layer1.0.conv1.weight')).toBe(weights.get('layer1.0.conv1.weight'));
    const sum = (weights: Weights) => weights.get('conv1.weight')?.data.reduce((sum, value) => sum + value, 0);
    expect(sum(adapted)).toBeCloseTo(sum(weights) as number, 4);
  });

  it('refuses weights of another network', () => {
    expect(() => adaptResNet18(new Map())).toThrow(
      "These are not the weights of a ResNet-18 as torchvision names them: there is no first convolution 'conv1.weight'.",
    );
  });
});
