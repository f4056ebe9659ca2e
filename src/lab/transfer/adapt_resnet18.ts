import type { Weights } from '../../nn/weights/read_weights.ts';
import { SMALL_KERNEL, shrinkKernel } from '../../nn/weights/shrink_kernel.ts';
import { UserError } from '../../runtime/errors.ts';

/**
 * Weights of a ResNet-18 in torchvision's names, of either form, for one in CIFAR form with another last layer: the kernel of the first
 * convolution is shrunk (see `shrinkKernel`), and the last layer left out.
 * Throws UserError where there is no such first convolution.
 */
export function adaptResNet18(weights: Weights): Weights {
  const first = weights.get('conv1.weight');
  if (
    first === undefined ||
    first.shape.length !== 4 ||
    first.shape[2] !== first.shape[3] ||
    first.shape[2] < SMALL_KERNEL
  ) {
    throw new UserError(
      "These are not the weights of a ResNet-18 as torchvision names them: there is no first convolution 'conv1.weight'.",
    );
  }
  const kernel = first.shape[2] === SMALL_KERNEL ? first : shrinkKernel(first);
  const adapted: Weights = new Map([...weights].filter(([name]) => !name.startsWith('fc.')));
  return adapted.set('conv1.weight', kernel);
}
