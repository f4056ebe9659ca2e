import { deflateSync } from 'node:zlib';
import { loadMnist } from '../../src/data/sources/mnist.ts';

/**
 * The digits that come with the page, as one deflated block: four bytes with the length of a header in JSON, the header, and then the images
 * [28, 28] and labels of the training and the test images. `engine/digits.ts` reads it.
 */
export async function packDigits(): Promise<Uint8Array> {
  const small = await loadMnist();
  // Normalised as the program does with its own form of the digits, so that weights are exchanged.
  const { classNames, mean, std, keeps, source } = await loadMnist({ form: { size: 32, channels: 3 } });
  const { train, test } = small;
  const header = new TextEncoder().encode(
    JSON.stringify({ classNames, mean, std, keeps, source, train: train.labels.length, test: test.labels.length }),
  );
  const length = new Uint8Array(Uint32Array.of(header.length).buffer);
  const parts = [length, header, train.images, train.labels, test.images, test.labels] as Uint8Array[];
  return deflateSync(Buffer.concat(parts), { level: 9 });
}
