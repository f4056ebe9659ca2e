import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, sideBySide } from '../../../../src/data/sources/own/decode_image.ts';

const raw = (values: Uint8Array | Uint16Array, width: number, height: number, channels: 1 | 2 | 3 | 4) =>
  sharp(values, { raw: { width, height, channels } });
const FOUR = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90);
const decoded = async (image: Sharp, size: number) => [...(await decodeImage(await image.toBuffer(), size))];

describe('decodeImage', () => {
  it('gives the pixels of an image of that size as they are', async () => {
    expect(await decoded(raw(FOUR, 2, 2, 3).png(), 2)).toEqual([...FOUR]);
    expect(await decoded(raw(FOUR, 2, 2, 3).webp({ lossless: true }), 2)).toEqual([...FOUR]);
    expect(await decoded(raw(FOUR, 2, 2, 3).png({ palette: true }), 2)).toEqual([...FOUR]);
    expect(await decoded(raw(FOUR, 2, 2, 3).tiff({ compression: 'lzw' }), 2)).toEqual([...FOUR]);
    expect(await decoded(raw(FOUR, 2, 2, 3).gif(), 2)).toEqual([...FOUR]);
  });

  it('makes RGB of grey, with and without an alpha channel, and of 16 bits', async () => {
    const grey = raw(Uint8Array.of(0, 100, 200, 255), 2, 2, 1)
      .toColourspace('b-w')
      .png();
    const three = (values: number[]) => values.flatMap((value) => [value, value, value]);
    expect(await decoded(grey, 2)).toEqual(three([0, 100, 200, 255]));
    // A transparent pixel is white.
    const alpha = raw(Uint8Array.of(0, 255, 100, 255, 200, 0, 255, 255), 2, 2, 2).png();
    expect(await decoded(alpha, 2)).toEqual(three([0, 100, 255, 255]));
    const black = await decodeImage(await alpha.toBuffer(), 2, { background: '#000000' });
    expect([...black]).toEqual(three([0, 100, 0, 255]));
    const deep = raw(Uint16Array.of(0, 100 * 257, 200 * 257, 65535), 2, 2, 1)
      .toColourspace('grey16')
      .png();
    expect(await decoded(deep, 2)).toEqual(three([0, 100, 200, 255]));
    const deepRgb = raw(
      Uint16Array.from(FOUR, (value) => value * 257),
      2,
      2,
      3,
    )
      .toColourspace('rgb16')
      .png();
    expect(await decoded(deepRgb, 2)).toEqual([...FOUR]);
  });

  it('makes RGB of CMYK', async () => {
    const red = sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff0000' } });
    const [r, g, b] = await decoded(red.toColourspace('cmyk').jpeg({ quality: 100 }), 8);
    // Inks cannot mix this red, but it is red.
    expect(r).toBeGreaterThan(200);
    expect(Math.max(g, b)).toBeLessThan(80);
  });

  it('turns an image upright as its tag says', async () => {
    // Three columns of colours; turned a quarter to the right they are rows from top to bottom.
    const columns = Uint8Array.of(...[255, 0, 0], ...[0, 255, 0], ...[0, 0, 255]);
    const square = Uint8Array.from({ length: 27 }, (_, i) => columns[i % 9]);
    const turned = raw(square, 3, 3, 3).withMetadata({ orientation: 6 }).png();
    const rows = Array.from({ length: 27 }, (_, i) => columns[3 * Math.floor(i / 9) + (i % 3)]);
    expect(await decoded(turned, 3)).toEqual(rows);
  });

  it('brings the shorter side to the size, smoothly, and cuts out the middle', async () => {
    // Black and white stripes of one pixel, 16 × 8, between two red ends of 4 × 8: only the stripes are left, and their mean.
    const wide = new Uint8Array(16 * 8 * 3);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 16; x++) {
        const colour = x < 4 || x >= 12 ? [255, 0, 0] : x % 2 ? [255, 255, 255] : [0, 0, 0];
        wide.set(colour, 3 * (16 * y + x));
      }
    }
    const small = await decoded(raw(wide, 16, 8, 3).png(), 2);
    expect(small).toHaveLength(12);
    // The kernel reaches a little beyond the cut, and has weights below 0.
    for (const value of small) expect(Math.abs(value - 127.5)).toBeLessThan(25);
  });

  it('takes pixels as they are too', async () => {
    expect([...(await decodeImage(FOUR, 2, { raw: { width: 2, height: 2, channels: 3 } }))]).toEqual([...FOUR]);
  });

  it('gives a reason in one line for what is no whole image', async () => {
    const jpeg = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#123456' } })
      .jpeg()
      .toBuffer();
    await expect(decodeImage(jpeg.subarray(0, jpeg.length / 2), 8)).rejects.toThrow(/^[^\n]+$/);
    await expect(decodeImage(Buffer.from('no image'), 8)).rejects.toThrow(/^the buffer [^\n]+$/);
    await expect(decodeImage('/nowhere/to/be/found.png', 8)).rejects.toThrow('it is not there');
  });
});

describe('sideBySide', () => {
  it('does all of it, several at a time', async () => {
    const done: number[] = [];
    let [now, most] = [0, 0];
    await sideBySide(50, async (i) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
      done.push(i);
    });
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(most).toBeGreaterThan(1);
    await sideBySide(0, () => Promise.reject(new Error('none')));
  });

  it('ends with the first error, and with the signal, when all that was begun is over', async () => {
    let begun = 0;
    const failing = sideBySide(100, async (i) => {
      begun++;
      if (i === 3) throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(begun).toBeLessThan(100);
    const controller = new AbortController();
    const stopped = sideBySide(
      100,
      async (i) => {
        if (i === 5) controller.abort();
      },
      controller.signal,
    );
    expect(await stopped.catch((error) => error)).toBe(controller.signal.reason);
  });
});
