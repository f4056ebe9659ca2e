import { expect, it } from 'vitest';
import type { Gpu, Module, Shape } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

/** What every layer owes. */
export interface LayerContract {
  /** Layers with the shape of an input, and of the output that it gives. */
  shapes: readonly (readonly [make: (gpu: Gpu) => Module, input: Shape, output: Shape])[];
  /** Layers with an input that they refuse, and how their message begins. */
  refusals?: readonly (readonly [make: (gpu: Gpu) => Module, input: Shape, message: string])[];
  /** Layers as text, defaults left out. */
  texts?: readonly (readonly [make: (gpu: Gpu) => Module, text: string])[];
}

/** Tests what every layer owes. Call at the top of the layer's test file. */
export function keepsTheContract({ shapes, refusals = [], texts = [] }: LayerContract): void {
  const held = useGpu();
  it.each(shapes)('infers the shape that it computes: %s [%j] → [%j]', async (make, input, output) => {
    const { gpu } = held;
    const layer = make(gpu);
    expect(layer.inferShape(input)).toEqual(output);
    const y = layer.call(randomTensor(gpu, input, 1));
    expect(y.shape).toEqual(output);
    expect((await y.data()).every(Number.isFinite)).toBe(true);
  });
  if (refusals.length > 0) {
    it.each(refusals)('says which input it wants: %s, not [%j]', (make, input, message) => {
      expect(() => make(held.gpu).inferShape(input)).toThrow(message);
    });
  }
  if (texts.length > 0) {
    it.each(texts)('describes itself, defaults left out: %s', (make, text) => {
      expect(`${make(held.gpu)}`).toBe(text);
    });
  }
}
