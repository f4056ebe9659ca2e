/** The shape in which greyscale 28×28 images are handed out. */
export interface ImageForm {
  /** 28: as they are. 32: with two black pixels on each side. */
  size: 28 | 32;
  /** 1: as they are. 3: the one channel repeated. */
  channels: 1 | 3;
}

const SIDE = 28;

/** Greyscale images [N, 28, 28] as [N, size, size, channels]. The argument itself comes back where nothing changes. */
export function toForm(images: Uint8Array, { size, channels }: ImageForm): Uint8Array {
  if (size === SIDE && channels === 1) return images;
  const count = images.length / (SIDE * SIDE);
  const margin = (size - SIDE) / 2;
  const shaped = new Uint8Array(count * size * size * channels);
  let from = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < SIDE; row++) {
      let to = ((image * size + row + margin) * size + margin) * channels;
      for (let column = 0; column < SIDE; column++) {
        const value = images[from++];
        for (let channel = 0; channel < channels; channel++) shaped[to++] = value;
      }
    }
  }
  return shaped;
}

/** One value per channel, for the mean and deviation of a greyscale set. */
export function perChannel(value: number, { channels }: ImageForm): number[] {
  return new Array<number>(channels).fill(value);
}
