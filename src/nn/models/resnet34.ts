import type { Gpu } from '../../runtime/gpu.ts';
import type { ClassifierOptions } from './image_classifier.ts';
import { TorchvisionResNet } from './torchvision_resnet.ts';

/**
 * ResNet-34: three, four, six and three blocks in the layers of `TorchvisionResNet`. 21,282,122 parameters in CIFAR form at width 1 with 10 classes and 3
 * channels; 21,797,672 in ImageNet form with 1000 classes.
 */
export class ResNet34 extends TorchvisionResNet {
  constructor(gpu: Gpu, options: ClassifierOptions = {}) {
    super(gpu, [3, 4, 6, 3], options);
  }
}
