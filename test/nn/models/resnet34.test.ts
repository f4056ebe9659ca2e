import { describe, expect, it } from 'vitest';
import { countParameters, ResNet34 } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

describe('ResNet34', () => {
  it('has 21,282,122 parameters in CIFAR form, and 21,797,672 in ImageNet form with 1000 classes, as torchvision’s', () => {
    expect(countParameters(new ResNet34(held.gpu)).parameters).toBe(21_282_122);
    const large = new ResNet34(held.gpu, { form: 'imagenet', classes: 1000 });
    expect(countParameters(large).parameters).toBe(21_797_672);
    expect(large.imageShape).toEqual([224, 224, 3]);
  });

  it('has three, four, six and three blocks in its layers', () => {
    const names = new ResNet34(held.gpu, { width: 1 / 16 }).namedParameters().map(([name]) => name);
    const blocks = [1, 2, 3, 4].map(
      (layer) => names.filter((name) => name.match(`^layer${layer}\\.\\d+\\.conv1`)).length,
    );
    expect(blocks).toEqual([3, 4, 6, 3]);
  });
});
