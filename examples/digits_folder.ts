// A folder of images to try one's own data with: MNIST digits as PNG files, CLASS/NUMBER.png, some classes with far fewer than others.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { loadDataset } from 'wgrad/data';

const [folder = 'digits', largest = '400'] = process.argv.slice(2);

/** The classes with their shares of the largest one's images. */
const CLASSES = { one: 1, two: 0.5, three: 0.25, five: 0.1, eight: 0.05 };
const DIGITS = { one: 1, two: 2, three: 3, five: 5, eight: 8 };

const { train } = await loadDataset('mnist'); // [N, 28, 28, 1] bytes
for (const [name, share] of Object.entries(CLASSES)) {
  const digit = DIGITS[name as keyof typeof DIGITS];
  const positions = [...train.labels.keys()].filter((i) => train.labels[i] === digit);
  const chosen = positions.slice(0, Math.round(share * Number(largest)));
  mkdirSync(join(folder, name), { recursive: true });
  for (const [number, position] of chosen.entries()) {
    const pixels = train.images.subarray(784 * position, 784 * (position + 1));
    const png = new PNG({ width: 28, height: 28 });
    png.data.set(Uint8Array.from({ length: 4 * 784 }, (_, i) => (i % 4 === 3 ? 255 : pixels[i >> 2])));
    writeFileSync(join(folder, name, `${number}.png`), PNG.sync.write(png));
  }
  console.log(`${join(folder, name)}: ${chosen.length} images`);
}
