import { type Shape, Tensor } from '../../autograd/tensor.ts';
import type { Gpu } from '../../runtime/gpu.ts';

/** Numbers on the host with their shape. */
export interface HostTensor<A extends Float32Array | Uint32Array = Float32Array | Uint32Array> {
  shape: Shape;
  data: A;
}

/** Waits for the device and copies tensors to the host, by name. */
export async function downloadTensors(
  tensors: ReadonlyMap<string, Tensor>,
): Promise<Map<string, HostTensor<Float32Array>>> {
  const copied = await Promise.all(
    [...tensors].map(async ([name, tensor]) => [name, { shape: tensor.shape, data: await tensor.data() }] as const),
  );
  return new Map(copied);
}

/** Copies float32 tensors to the device, by name, into the current scope. Throws where one holds u32. */
export function uploadTensors(gpu: Gpu, tensors: ReadonlyMap<string, HostTensor>): Map<string, Tensor> {
  const copied = new Map<string, Tensor>();
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array)) throw new Error(`'${name}' holds u32 numbers where float32 are needed.`);
    copied.set(name, new Tensor(gpu.upload(data, name), shape));
  }
  return copied;
}
