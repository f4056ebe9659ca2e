import type { Sharp, SharpInput, SharpOptions } from 'sharp';

/** What transparent pixels are laid on where nothing is said. */
export const BACKGROUND = 'white';

/** How an image is decoded. */
export interface DecodeImageOptions extends SharpOptions {
  /** What transparent pixels are laid on: a colour as CSS writes it. Default white. */
  background?: string;
}

/** Endings of the names of files that can be decoded. */
export const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

/**
 * An image as [size, size, 3] bytes: turned upright as its orientation tag says, its shorter side brought to `size` with antialiasing, the middle
 * cut out; grey, palette, CMYK and 16 bits become RGB of 8, and transparent pixels are laid on a
 * colour. Of several pictures in a file the first is taken.
 *
 * input: a path, a file's bytes, or pixels with `raw` in the options. @throws Error, its message a reason, for what is no whole image.
 */
export async function decodeImage(
  input: SharpInput,
  size: number,
  { background = BACKGROUND, ...options }: DecodeImageOptions = {},
): Promise<Uint8Array> {
  const decode = await decoder();
  try {
    return await decode(input, { failOn: 'error', ...options })
      .autoOrient()
      .resize(size, size, { fit: 'cover' })
      .flatten({ background })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    throw new Error(reason((error as Error).message), { cause: error });
  }
}

/**
 * A decoder's message as a clause; the path is said by whoever names the image. Past the header its words are those of some library within it, and
 * lost where several images are decoded side by side.
 */
function reason(message: string): string {
  const [first] = message.split('\n');
  if (/is missing/.test(first)) return 'it is not there';
  const input = /^Input (file|buffer)(.*?)[:. ]*$/i.exec(first);
  return input ? `the ${input[1]}${input[2]}` : 'it is cut short or damaged';
}

let loaded: Promise<(input: SharpInput, options: SharpOptions) => Sharp> | undefined;

/** Loaded when the first image is decoded: most commands need none. */
function decoder() {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    // Images are decoded side by side, each by one thread.
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}

/** Images that are decoded side by side: more than the threads that do it, so that none waits. */
const SIDE_BY_SIDE = 8;

/** Does `work` for 0 to count − 1, several side by side. Throws the first error, or the signal's reason, after what was begun has ended. */
export async function sideBySide(
  count: number,
  work: (index: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < count && !failed) {
      signal?.throwIfAborted();
      const index = next++;
      try {
        await work(index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(SIDE_BY_SIDE, count) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
