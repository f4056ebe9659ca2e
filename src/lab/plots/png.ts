import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

const SIGNATURE_AND_HEADER = 8 + 25;

/** The PNG with a pHYs chunk (PNG specification, 11.3.5.3), so that it prints at its intended size. Expects a file without one. */
export function setPngResolution(png: Uint8Array, dpi: number): Uint8Array {
  const chunk = new DataView(new ArrayBuffer(21));
  const pixelsPerMetre = Math.round(dpi / 0.0254);
  chunk.setUint32(0, 9);
  for (let i = 0; i < 4; i++) chunk.setUint8(4 + i, 'pHYs'.charCodeAt(i));
  chunk.setUint32(8, pixelsPerMetre);
  chunk.setUint32(12, pixelsPerMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, crc32(new Uint8Array(chunk.buffer, 4, 13)));
  const out = new Uint8Array(png.length + 21);
  out.set(png.subarray(0, SIGNATURE_AND_HEADER));
  out.set(new Uint8Array(chunk.buffer), SIGNATURE_AND_HEADER);
  out.set(png.subarray(SIGNATURE_AND_HEADER), SIGNATURE_AND_HEADER + 21);
  return out;
}

/** A PNG of an image of bytes [height, width, channels] with 1 (grey) or 3 (RGB) channels. */
export function imagePng(bytes: Uint8Array, height: number, width: number, channels: number): Buffer {
  const png = new PNG({ width, height, colorType: 2 });
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) png.data[4 * i + c] = bytes[channels * i + (channels === 3 ? c : 0)]!;
    png.data[4 * i + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** The same as a data URI. */
export function imageDataUri(bytes: Uint8Array, height: number, width: number, channels: number): string {
  return `data:image/png;base64,${imagePng(bytes, height, width, channels).toString('base64')}`;
}
