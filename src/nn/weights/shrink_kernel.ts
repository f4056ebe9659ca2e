import type { HostTensor } from './host_tensor.ts';

/** Height and width of the kernel of the CIFAR form's first convolution. */
export const SMALL_KERNEL = 3;

/**
 * A smaller kernel that sees in an image what the larger one sees in the same image enlarged: weights [CO, CI, K, K] → [CO, CI, 3, 3], each new tap
 * the sum of the old ones that its K/3 × K/3 square covers, by their covered share. On an image that was enlarged K/3 times by repeating its pixels,
 * both give the same values. So the gain stays the same, and the batch norm after it fits as before.
 */
export function shrinkKernel({ shape, data }: HostTensor<Float32Array>): HostTensor<Float32Array> {
  const [co, ci, size] = shape;
  const side = size / SMALL_KERNEL;
  // [3][K]: how much of an old row or column a new one covers.
  const cover = Array.from({ length: SMALL_KERNEL }, (_, to) =>
    Array.from({ length: size }, (_, from) =>
      Math.max(0, Math.min((to + 1) * side, from + 1) - Math.max(to * side, from)),
    ),
  );
  const small = new Float32Array(co * ci * SMALL_KERNEL * SMALL_KERNEL);
  for (let at = 0; at < small.length; at++) {
    const kernel = Math.floor(at / (SMALL_KERNEL * SMALL_KERNEL));
    const [rows, columns] = [cover[Math.floor(at / SMALL_KERNEL) % SMALL_KERNEL], cover[at % SMALL_KERNEL]];
    let sum = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) sum += rows[y] * columns[x] * data[(kernel * size + y) * size + x];
    }
    small[at] = sum;
  }
  return { shape: [co, ci, SMALL_KERNEL, SMALL_KERNEL], data: small };
}
