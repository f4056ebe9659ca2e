import { describe, expect, it } from 'vitest';
import { adaptResNet18 } from '../../../src/lab/transfer/adapt_resnet18.ts';
import { downloadTensors, loadWeights, ResNet18, toTorch, type Weights } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

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
