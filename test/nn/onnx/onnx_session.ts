import * as ort from 'onnxruntime-web';
import { expect } from 'vitest';

// One thread: no workers that outlive the tests.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Runs an ONNX file in ONNX Runtime on one input, [N, C, H, W] or [N, …], and returns its one output with its name. */
export async function runOnnx(file: Uint8Array, data: Float32Array, dims: readonly number[]) {
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const results = await session.run({ [input]: new ort.Tensor('float32', data, dims) });
  const values = results[output].data as Float32Array;
  await session.release();
  return { input, output, dims: results[output].dims, values };
}

/** Largest |a − b|. They must be as many. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}
