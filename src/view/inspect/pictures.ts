import { html } from '../dom.ts';
import { largest } from './feature_maps.ts';
import { diverging, paint } from './numbers.ts';
import type { StepView } from './step_view.ts';

type Rgb = [number, number, number];

const byte = (value: number) => Math.round(255 * Math.min(1, Math.max(0, value)));

/** The image as it was before it was normalised. */
function imageColour({ step }: StepView): (row: number, column: number) => Rgb {
  const {
    tensors,
    normalisation: { mean, std },
  } = step;
  const image = tensors.get('image');
  const [, width, channels] = image?.shape ?? [0, 0, 0];
  return (row, column) =>
    [0, 1, 2].map((c) => {
      const channel = channels === 1 ? 0 : c;
      return byte((image?.data[(row * width + column) * channels + channel] ?? 0) * std[channel] + mean[channel]);
    }) as Rgb;
}

const SIZE = 168;

/** The image, what the loss thinks of its pixels, and where the network looks. */
export function imagePictures(view: StepView): HTMLElement {
  const { tensors, classNames, label, gradCamLayer } = view.step;
  const [height, width, channels] = tensors.get('image')?.shape ?? [1, 1, 1];
  const colour = imageColour(view);
  const figures = [
    html('figure', {}, paint([height, width], colour, SIZE), html('figcaption', {}, `The image: ${classNames[label]}`)),
  ];
  const gradient = tensors.get('imageGradient');
  if (gradient) {
    const sums = Float32Array.from({ length: height * width }, (_, i) => {
      let most = 0;
      for (let c = 0; c < channels; c++) {
        const value = gradient.data[i * channels + c];
        if (Math.abs(value) > Math.abs(most)) most = value;
      }
      return most;
    });
    const scale = largest(sums);
    figures.push(
      html(
        'figure',
        {},
        paint([height, width], (row, column) => diverging(sums[row * width + column], scale), SIZE),
        html(
          'figcaption',
          {},
          'The gradient of the loss on the pixels: where it is orange, a brighter pixel makes the loss larger',
        ),
      ),
    );
  }
  const cam = tensors.get('gradCam');
  if (cam && gradCamLayer !== undefined) {
    const [rows, columns] = cam.shape;
    figures.push(
      html(
        'figure',
        {},
        paint(
          [height, width],
          (row, column) => {
            const value =
              cam.data[Math.floor((row * rows) / height) * columns + Math.floor((column * columns) / width)];
            return colour(row, column).map((c, i) =>
              Math.round(0.45 * c + 0.55 * [255 * value, 60 + 90 * value, 255 * (1 - value)][i]),
            ) as Rgb;
          },
          SIZE,
        ),
        html('figcaption', {}, `Grad-CAM of ${gradCamLayer} for its class: red speaks for it`),
      ),
    );
  }
  return html('div', { class: 'maps' }, ...figures);
}

/** The filters of the first convolution before and after the step, and what changed. */
export function filterPictures({ step: { tensors } }: StepView): HTMLElement | undefined {
  const [before, after] = [tensors.get('filtersBefore'), tensors.get('filtersAfter')];
  if (!before || !after) return undefined;
  const [kh, kw, channels, count] = before.shape;
  const shown = Math.min(count, 16);
  const change = after.data.map((value, i) => value - before.data[i]);
  const scales = [largest(before.data), largest(before.data), largest(change)];
  const row = (name: string, values: ArrayLike<number>, scale: number) =>
    html(
      'div',
      { class: 'filters' },
      html('span', {}, name),
      ...Array.from({ length: shown }, (_, filter) =>
        paint(
          [kh, kw],
          (y, x) => {
            const at = (c: number) => values[((y * kw + x) * channels + (channels === 1 ? 0 : c)) * count + filter];
            return [0, 1, 2].map((c) => byte(0.5 + 0.5 * (scale > 0 ? at(c) / scale : 0))) as Rgb;
          },
          40,
        ),
      ),
    );
  return html(
    'div',
    {},
    row('before', before.data, scales[0]),
    row('after', after.data, scales[1]),
    row('change', change, scales[2]),
    html(
      'p',
      { class: 'hint' },
      `${shown} of ${count} filters; grey is 0. One step changes little: the last row is scaled up ${Math.round(scales[0] / (scales[2] || 1))} times.`,
    ),
  );
}
