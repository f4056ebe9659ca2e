import { type Window, windowPositions } from '../../autograd/ops/window.ts';
import { ShapeError } from '../../runtime/errors.ts';

/** How often a layer's window fits into an image each way. Throws ShapeError, naming the layer, for less than once. */
export function positionsIn(layer: string, window: Window, h: number, w: number): [number, number] {
  const [oh, ow] = windowPositions(window, [h, w]);
  if (oh < 1 || ow < 1) {
    const gaps = window.dilation.some((step) => step > 1) ? ` with dilation ${window.dilation.join('×')}` : '';
    throw new ShapeError(
      `${layer}: a window of ${window.kernelSize.join('×')}${gaps} does not fit into an image of ${h}×${w}.`,
    );
  }
  return [oh, ow];
}
