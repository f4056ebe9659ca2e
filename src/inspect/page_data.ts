import type { Shape } from '../autograd/tensor.ts';
import type { ShownStep } from './shown_step.ts';

/** What a page tells besides the step. */
export interface PageSurroundings {
  title: string;
  /** Name of the data set. */
  data: string;
  classNames: readonly string[];
  /** Class of the image that is shown. */
  label: number;
  /** By which images were normalised, by channel. */
  normalisation: { mean: readonly number[]; std: readonly number[] };
  /** Texts of the shaders that ran, by name. */
  shaders: Readonly<Record<string, string>>;
  /** Name of the layer that Grad-CAM looked at, where it did. */
  gradCamLayer?: string;
}

/** All that a page of a step holds but its numbers: JSON. */
export interface PageData extends Omit<ShownStep, 'tensors'>, PageSurroundings {
  /** Where each tensor's numbers begin among all, which are float32. */
  tensors: Record<string, { shape: Shape; at: number }>;
}

/** A step as JSON and numbers. */
export function packPage(
  { tensors, ...step }: ShownStep,
  about: PageSurroundings,
): { data: PageData; numbers: Float32Array } {
  const index: PageData['tensors'] = {};
  let count = 0;
  for (const [name, { shape, data }] of tensors) {
    index[name] = { shape, at: count };
    count += data.length;
  }
  const numbers = new Float32Array(count);
  for (const [name, { data }] of tensors) numbers.set(data, index[name].at);
  return { data: { ...step, ...about, tensors: index }, numbers };
}

/** The way back. */
export function unpackPage(data: PageData, numbers: Float32Array): ShownStep & PageSurroundings {
  const tensors: ShownStep['tensors'] = new Map();
  for (const [name, { shape, at }] of Object.entries(data.tensors)) {
    const size = shape.reduce((product, length) => product * length, 1);
    tensors.set(name, { shape, data: numbers.subarray(at, at + size) });
  }
  return { ...data, tensors };
}
