import type { Gpu } from '../../runtime/gpu.ts';
import type { ClassifierOptions } from './image_classifier.ts';
import { TorchvisionResNet } from './torchvision_resnet.ts';

/**
 * ResNet-18: two blocks in each layer of `TorchvisionResNet`. 11,173,962 parameters in CIFAR form at width 1 with 10 classes and 3 channels; 11,689,512
 * in ImageNet form with 1000 classes.
 */
export class ResNet18 extends TorchvisionResNet {
  constructor(gpu: Gpu, options: ClassifierOptions = {}) {
    super(gpu, [2, 2, 2, 2], options);
  }
}
