import { ShapeError } from '../../runtime/errors.ts';

/** A window that steps over an image, in pixels: [vertical, horizontal]. */
export interface Window {
  kernelSize: readonly [number, number];
  stride: readonly [number, number];
  padding: readonly [number, number];
}

/** How often the window fits each way: ⌊(size + 2·padding − kernel) / stride⌋ + 1. Throws ShapeError, naming the layer, for less than once. */
export function windowPositions(
  layer: string,
  { kernelSize, stride, padding }: Window,
  h: number,
  w: number,
): [number, number] {
  const [oh, ow] = [h, w].map((size, d) => Math.floor((size + 2 * padding[d] - kernelSize[d]) / stride[d]) + 1);
  if (oh < 1 || ow < 1) {
    throw new ShapeError(`${layer}: a window of ${kernelSize.join('×')} does not fit into an image of ${h}×${w}.`);
  }
  return [oh, ow];
}

/** A window in words: '3×3, stride 2, padding 1', without what is the default. */
export function describeWindow(
  { kernelSize, stride, padding }: Window,
  defaultStride: readonly [number, number],
): string {
  const short = ([a, b]: readonly [number, number]) => (a === b ? `${a}` : `${a}×${b}`);
  const steps = `${stride}` === `${defaultStride}` ? '' : `, stride ${short(stride)}`;
  return `${kernelSize.join('×')}${steps}${padding.some((size) => size > 0) ? `, padding ${short(padding)}` : ''}`;
}
