import { type Shape, sizeOf } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { HostTensor } from './host_tensor.ts';

/**
 * The same numbers with the dimensions in another order: dimension d of the result is dimension order[d] of the source, as NumPy's
 * transpose has it.
 */
export function permute({ shape, data }: HostTensor<Float32Array>, order: readonly number[]): HostTensor<Float32Array> {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`permute: shape [${shape}] has ${sizeOf(shape)} elements, the data ${data.length}.`);
  }
  const strides = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
  const turned = order.map((d) => shape[d]);
  const result = new Float32Array(data.length);
  const index = new Array<number>(order.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from];
    for (let d = order.length - 1; d >= 0; d--) {
      from += strides[order[d]];
      if (++index[d] < turned[d]) break;
      from -= turned[d] * strides[order[d]];
      index[d] = 0;
    }
  }
  return { shape: turned, data: result };
}

function checkDimensions(what: string, shape: Shape, dimensions: number): void {
  if (shape.length !== dimensions) {
    throw new ShapeError(`${what}: ${dimensions} dimensions are needed; the shape is [${shape}].`);
  }
}

/** PyTorch's [CO, CI, KH, KW] → the engine's [KH, KW, CI, CO]. With groups CI is that of one group, on both sides. */
function convWeightFromTorch(weight: HostTensor<Float32Array>): HostTensor<Float32Array> {
  checkDimensions('convWeightFromTorch', weight.shape, 4);
  return permute(weight, [2, 3, 1, 0]);
}

/** The engine's [KH, KW, CI, CO] → PyTorch's [CO, CI, KH, KW]. */
function convWeightToTorch(weight: HostTensor<Float32Array>): HostTensor<Float32Array> {
  checkDimensions('convWeightToTorch', weight.shape, 4);
  return permute(weight, [3, 2, 0, 1]);
}

/** PyTorch's [out, in] → the engine's [in, out]. */
function linearWeightFromTorch(weight: HostTensor<Float32Array>): HostTensor<Float32Array> {
  checkDimensions('linearWeightFromTorch', weight.shape, 2);
  return permute(weight, [1, 0]);
}

/** The engine's [in, out] → PyTorch's [out, in]. */
function linearWeightToTorch(weight: HostTensor<Float32Array>): HostTensor<Float32Array> {
  checkDimensions('linearWeightToTorch', weight.shape, 2);
  return permute(weight, [1, 0]);
}

/**
 * A parameter or buffer in PyTorch's layout in the engine's: weights of convolutions have four dimensions, those of linear layers two, and
 * all else has one and stays.
 */
export function fromTorch(tensor: HostTensor<Float32Array>): HostTensor<Float32Array> {
  if (tensor.shape.length === 4) return convWeightFromTorch(tensor);
  return tensor.shape.length === 2 ? linearWeightFromTorch(tensor) : tensor;
}

/** The way back of `fromTorch`. */
export function toTorch(tensor: HostTensor<Float32Array>): HostTensor<Float32Array> {
  if (tensor.shape.length === 4) return convWeightToTorch(tensor);
  return tensor.shape.length === 2 ? linearWeightToTorch(tensor) : tensor;
}

/** The shape of `toTorch`'s result for a tensor of this shape. */
export function shapeToTorch(shape: Shape): Shape {
  if (shape.length === 4) return [shape[3], shape[2], shape[0], shape[1]];
  return shape.length === 2 ? [shape[1], shape[0]] : shape;
}

/** Images [N, C, H, W] → [N, H, W, C]. */
export function imagesFromTorch(images: HostTensor<Float32Array>): HostTensor<Float32Array> {
  checkDimensions('imagesFromTorch', images.shape, 4);
  return permute(images, [0, 2, 3, 1]);
}
