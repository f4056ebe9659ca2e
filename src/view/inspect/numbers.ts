import type { TensorStatistics } from '../../inspect/step_record.ts';
import { html, svg, table } from '../dom.ts';
import { percent, short } from '../format.ts';

/** Statistics of tensors side by side. */
export function statisticsTable(
  rows: readonly (readonly [name: string, of: TensorStatistics | undefined])[],
): HTMLElement {
  return table(
    ['', 'mean', 'deviation', 'zeros', 'smallest', 'largest', 'NaN or infinite', 'values'],
    rows.flatMap(([name, of]) =>
      of === undefined
        ? []
        : [
            [
              name,
              short(of.mean),
              short(of.deviation),
              percent(of.zeros),
              short(of.min),
              short(of.max),
              String(of.nan + of.infinite),
              histogram(of),
            ],
          ],
    ),
  );
}

/** How often values of each size occur. */
function histogram({ histogram: counts, min, max }: TensorStatistics): SVGSVGElement {
  const most = Math.max(1, ...counts);
  const [width, height] = [160, 34];
  const each = width / counts.length;
  const drawing = svg('svg', {
    width,
    height: height + 12,
    class: 'histogram',
    role: 'img',
    'aria-label': `Histogram from ${short(min)} to ${short(max)}`,
  });
  for (const [i, count] of counts.entries()) {
    // A root, so that rare values are seen beside many zeros.
    const tall = height * Math.sqrt(count / most);
    drawing.append(svg('rect', { x: i * each, y: height - tall, width: each - 0.5, height: tall }));
  }
  drawing.append(
    svg('text', { x: 0, y: height + 10 }, short(min, 2)),
    svg('text', { x: width, y: height + 10, 'text-anchor': 'end' }, short(max, 2)),
  );
  return drawing;
}

/** Colours of values about 0: blue below, white, orange above. scale: the size that is full colour. */
export function diverging(value: number, scale: number): [number, number, number] {
  const t = Math.max(-1, Math.min(1, scale > 0 ? value / scale : 0));
  const to = t < 0 ? [0, 114, 178] : [213, 94, 0];
  const part = Math.abs(t);
  return [0, 1, 2].map((i) => Math.round(255 + (to[i] - 255) * part)) as [number, number, number];
}

/** A picture of values on a canvas, each a block of pixels. */
export function paint(
  [height, width]: readonly [number, number],
  colourAt: (row: number, column: number) => readonly [number, number, number],
  size: number,
): HTMLCanvasElement {
  const canvas = html('canvas', { width, height, style: `width:${size}px;height:${(size * height) / width}px` });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const pixels = context.createImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = 4 * (row * width + column);
      pixels.data.set([...colourAt(row, column), 255], at);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
