import { describe, expect, it } from 'vitest';
import { toForm } from '../../src/data/image_form.ts';

const count = 2;
const images = Uint8Array.from({ length: count * 784 }, (_, at) => 1 + (at % 251));

describe('toForm', () => {
  it.each([
    [28, 1],
    [28, 3],
    [32, 1],
    [32, 3],
  ] as const)('%i wide with %i channels', (size, channels) => {
    const shaped = toForm(images, { size, channels });
    expect(shaped.length).toBe(count * size * size * channels);
    const margin = (size - 28) / 2;
    let wrong = 0;
    for (let at = 0; at < shaped.length; at++) {
      const pixel = Math.floor(at / channels);
      const image = Math.floor(pixel / (size * size));
      const row = (Math.floor(pixel / size) % size) - margin;
      const column = (pixel % size) - margin;
      const inside = row >= 0 && row < 28 && column >= 0 && column < 28;
      if (shaped[at] !== (inside ? images[image * 784 + row * 28 + column] : 0)) wrong++;
    }
    expect(wrong).toBe(0);
  });
});
