// The engine: everything that runs in a browser too.
export { type GradcheckOptions, gradcheck } from './autograd/gradcheck.ts';
export * from './autograd/ops/arithmetic.ts';
export * from './autograd/ops/elementwise.ts';
export * from './autograd/ops/reduce.ts';
export { isGradEnabled, noGrad } from './autograd/tape.ts';
export { indices, type Shape, Tensor, tensor } from './autograd/tensor.ts';
export { type DeviceOptions, openDeviceOn, type Platform } from './kernels/device.ts';
export { DeviceError, OutOfMemoryError, ShapeError } from './kernels/errors.ts';
export { type AdapterDescription, Gpu, type GpuOptions } from './kernels/gpu.ts';
export { Philox } from './kernels/philox.ts';
