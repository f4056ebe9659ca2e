import type { HostTensor } from '../../nn/weights/host_tensor.ts';
import type { Weights } from '../../nn/weights/read_weights.ts';
import { UserError } from '../../runtime/errors.ts';

/** Height and width of the kernel of the CIFAR form's first convolution. */
const SIZE = 3;

/**
 * A smaller kernel that sees in an image what the larger one sees in the same image enlarged: weights [CO, CI, K, K] → [CO, CI, 3, 3], each new tap
 * the sum of the old ones that its K/3 × K/3 square covers, by their covered share. On an image that was enlarged K/3 times by repeating its pixels,
 * both give the same values. So the gain stays the same, and the batch norm after it fits as before.
 */
export function shrinkKernel({ shape, data }: HostTensor<Float32Array>): HostTensor<Float32Array> {
  const [co, ci, size] = shape;
  const side = size / SIZE;
  // [3][K]: how much of an old row or column a new one covers.
  const cover = Array.from({ length: SIZE }, (_, to) =>
    Array.from({ length: size }, (_, from) =>
      Math.max(0, Math.min((to + 1) * side, from + 1) - Math.max(to * side, from)),
    ),
  );
  const small = new Float32Array(co * ci * SIZE * SIZE);
  for (let at = 0; at < small.length; at++) {
    const kernel = Math.floor(at / (SIZE * SIZE));
    const [rows, columns] = [cover[Math.floor(at / SIZE) % SIZE], cover[at % SIZE]];
    let sum = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) sum += rows[y] * columns[x] * data[(kernel * size + y) * size + x];
    }
    small[at] = sum;
  }
  return { shape: [co, ci, SIZE, SIZE], data: small };
}

/**
 * Weights of a ResNet-18 in torchvision's names, of either form, for one in CIFAR form with another last layer: the kernel of the first
 * convolution is shrunk (see `shrinkKernel`), and the last layer left out.
 * Throws UserError where there is no such first convolution.
 */
export function adaptResNet18(weights: Weights): Weights {
  const first = weights.get('conv1.weight');
  if (first === undefined || first.shape.length !== 4 || first.shape[2] !== first.shape[3] || first.shape[2] < SIZE) {
    throw new UserError(
      "These are not the weights of a ResNet-18 as torchvision names them: there is no first convolution 'conv1.weight'.",
    );
  }
  const kernel = first.shape[2] === SIZE ? first : shrinkKernel(first);
  const adapted: Weights = new Map([...weights].filter(([name]) => !name.startsWith('fc.')));
  return adapted.set('conv1.weight', kernel);
}
