import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { toForm } from '../../src/data/image_form.ts';

/** As the program has them, so that its `evaluate` takes weights from here. */
const FORM = { size: 32, channels: 3 } as const;
const PIXELS = 28 * 28;

/** The digits from what `build/pack_digits.ts` made. */
export async function unpackDigits(packed: ArrayBuffer): Promise<ImageDataset> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const { train, test, ...about } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const take = (count: number) => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const split = (count: number) => ({ images: toForm(take(count * PIXELS), FORM), labels: take(count) });
  return {
    name: 'mnist',
    ...about,
    height: FORM.size,
    width: FORM.size,
    channels: FORM.channels,
    train: split(train),
    test: split(test),
  };
}
