import type { Ready } from '../protocol.ts';

/** Where on a 28×28 image a digit of MNIST lies: within 20×20, its centre of mass in the middle. */
const DIGIT_BOX = 20;

function drawn(
  source: CanvasImageSource,
  width: number,
  height: number,
  from: [number, number, number, number],
  to: [number, number, number, number],
): Uint8ClampedArray {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, ...from, ...to);
  return context.getImageData(0, 0, width, height).data;
}

/** A picture as the networks see theirs, [H, W, C] bytes: a digit is centred as MNIST's are, any other is cut to the middle square and scaled. */
export function fittedPixels(
  source: HTMLCanvasElement | ImageBitmap,
  { imageShape, digits }: Pick<Ready, 'imageShape' | 'digits'>,
): Uint8Array {
  const [height, width, channels] = imageShape;
  const side = Math.min(source.width, source.height);
  const square: [number, number, number, number] = [(source.width - side) / 2, (source.height - side) / 2, side, side];
  const rgba = digits
    ? centredDigit(source, square, width)
    : drawn(source, width, height, square, [0, 0, width, height]);
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const grey = (rgba[4 * i] + rgba[4 * i + 1] + rgba[4 * i + 2]) / 3;
    for (let c = 0; c < channels; c++) pixels[i * channels + c] = digits || channels === 1 ? grey : rgba[4 * i + c];
  }
  return pixels;
}

/** White on black, scaled to 20 pixels, its centre of mass in the middle. */
function centredDigit(
  source: HTMLCanvasElement | ImageBitmap,
  square: [number, number, number, number],
  out: number,
): Uint8ClampedArray {
  const size = 140;
  const data = drawn(source, size, size, square, [0, 0, size, size]);
  const grey = Float32Array.from(
    { length: size * size },
    (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 765,
  );
  // Dark ink on light paper is turned over.
  const border = [0, size - 1]
    .flatMap((edge) => Array.from({ length: size }, (_, i) => [grey[edge * size + i], grey[i * size + edge]]))
    .flat();
  const turned = border.reduce((sum, value) => sum + value, 0) / border.length > 0.5;
  const ink = turned ? grey.map((value) => 1 - value) : grey;
  let [top, left, bottom, right, mass, x, y] = [size, size, 0, 0, 0, 0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] < 0.25) continue;
    const [row, column] = [Math.floor(i / size), i % size];
    [top, left, bottom, right] = [
      Math.min(top, row),
      Math.min(left, column),
      Math.max(bottom, row + 1),
      Math.max(right, column + 1),
    ];
    [mass, x, y] = [mass + ink[i], x + ink[i] * (column + 0.5), y + ink[i] * (row + 0.5)];
  }
  if (mass === 0) return new Uint8ClampedArray(out * out * 4);
  const scale = (DIGIT_BOX / Math.max(bottom - top, right - left)) * (size / square[2]);
  const perSquare = square[2] / size;
  const [cx, cy] = [(x / mass) * perSquare + square[0], (y / mass) * perSquare + square[1]];
  const reach = out / scale;
  const result = drawn(source, out, out, [cx - reach / 2, cy - reach / 2, reach, reach], [0, 0, out, out]);
  if (turned) for (let i = 0; i < result.length; i++) if (i % 4 < 3) result[i] = 255 - result[i];
  return result;
}
