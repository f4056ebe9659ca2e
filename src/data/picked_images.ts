import type { ImageBytes } from './image_dataset.ts';

/** Some images of a set, in an order of their own, as if they stood one behind the other: nothing is copied until it is asked for. */
export class PickedImages implements ImageBytes {
  readonly length: number;
  #images: ImageBytes;
  #positions: Uint32Array;
  #each: number;

  /** positions: in `images`, where each image has `each` bytes. */
  constructor(images: ImageBytes, positions: Uint32Array, each: number) {
    this.#images = images;
    this.#positions = positions;
    this.#each = each;
    this.length = positions.length * each;
  }

  /** See ImageBytes; it may begin and end within an image. Images that stand side by side in the set are read at once. */
  subarray(start: number, end: number): Uint8Array {
    const each = this.#each;
    const positions = this.#positions;
    const taken = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const first = Math.floor(at / each);
      let last = first;
      while ((last + 1) * each < end && positions[last + 1] === positions[last] + 1) last++;
      const upTo = Math.min(end, (last + 1) * each);
      const from = positions[first] * each + (at - first * each);
      taken.set(this.#images.subarray(from, from + (upTo - at)), at - start);
      at = upTo;
    }
    return taken;
  }
}
