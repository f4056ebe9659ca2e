import type { GroupedConv2dShape } from '../../kernels/grouped_conv2d.ts';
import { html } from '../dom.ts';
import { short } from '../format.ts';
import { diverging, paint } from './numbers.ts';
import type { StepView } from './step_view.ts';

const MAP_SIZE = 104;

/** The largest size among numbers. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
  return most;
}

/** Maps of an operation's output for the image, or its values where it has no places; a press on one asks for it by hand. */
export function featureMaps(view: StepView, index: number, ask: (at: number[]) => void): HTMLElement | undefined {
  const { tensors, channels } = view.step;
  const output = tensors.get(`activation:${index}`);
  if (output === undefined) return undefined;
  const shown = channels[index];
  const scale = largest(output.data);
  const all = output.shape[output.shape.length - 1];
  const places = output.shape.length === 3 ? (output.shape as [number, number, number]) : undefined;
  if (places === undefined || places[0] * places[1] === 1) {
    const at = (c: number) => (places ? [0, 0, c] : [c]);
    const buttons = shown.map((c) =>
      html(
        'button',
        { type: 'button', class: 'value', 'data-at': at(c).join(','), onclick: () => ask(at(c)) },
        `[${c}] ${short(output.data[c])}`,
      ),
    );
    return html('div', { class: 'maps' }, ...buttons);
  }
  const [height, width] = places;
  const reading = html(
    'p',
    { class: 'hint', 'aria-live': 'polite' },
    `${shown.length} of ${all} channels of the image’s output. Blue is below 0, orange above; the fullest colour is ${short(scale)}. Press a value to see what it is made of.`,
  );
  const maps = shown.map((c) => {
    const valueAt = (row: number, column: number) => output.data[(row * width + column) * all + c];
    const canvas = paint([height, width], (row, column) => diverging(valueAt(row, column), scale), MAP_SIZE);
    const placeOf = (event: MouseEvent) => {
      const box = canvas.getBoundingClientRect();
      const row = Math.min(height - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * height)));
      const column = Math.min(width - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * width)));
      return [row, column] as const;
    };
    canvas.setAttribute('class', 'pressable');
    canvas.setAttribute('tabindex', '0');
    canvas.setAttribute('role', 'button');
    canvas.setAttribute('aria-label', `channel ${c}`);
    canvas.dataset.channel = String(c);
    canvas.addEventListener('mousemove', (event) => {
      const [row, column] = placeOf(event);
      reading.textContent = `y[${row}, ${column}, ${c}] = ${short(valueAt(row, column), 6)}`;
    });
    canvas.addEventListener('click', (event) => ask([...placeOf(event), c]));
    canvas.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') ask([height >> 1, width >> 1, c]);
    });
    return html('figure', {}, canvas, html('figcaption', {}, `channel ${c}`));
  });
  return html('div', {}, html('div', { class: 'maps' }, ...maps), reading);
}

/** The gradient of the loss on an operation's output for the image. */
export function gradientMaps(view: StepView, index: number): HTMLElement | undefined {
  const gradient = view.step.tensors.get(`gradient:${index}`);
  const [height, width, count] = gradient?.shape ?? [];
  if (gradient === undefined || count === undefined || height * width === 1) return undefined;
  const scale = largest(gradient.data);
  const maps = view.step.channels[index].map((c, i) =>
    html(
      'figure',
      {},
      paint(
        [height, width],
        (row, column) => diverging(gradient.data[(row * width + column) * count + i], scale),
        MAP_SIZE,
      ),
      html('figcaption', {}, `channel ${c}`),
    ),
  );
  return html(
    'div',
    {},
    html('div', { class: 'maps' }, ...maps),
    html(
      'p',
      { class: 'hint' },
      `The gradient of the loss with respect to the same channels; the fullest colour is ${short(scale)}.`,
    ),
  );
}

/** The window and the weights behind a value of a convolution, for the input channels that add most to it. */
export function windowView(view: StepView, index: number, [oh, ow, co]: readonly number[]): HTMLElement | undefined {
  const node = view.node(index);
  const [source, weightOf] = node.inputs;
  if (node.operation !== 'conv2d' || !('parameter' in (weightOf ?? {}))) return undefined;
  const { tensors, channels } = view.step;
  const x =
    'images' in source ? tensors.get('image') : 'node' in source ? tensors.get(`activation:${source.node}`) : undefined;
  const w = tensors.get(`parameter:${(weightOf as { parameter: string }).parameter}`);
  const s = node.settings as unknown as GroupedConv2dShape;
  const column = channels[index].indexOf(co);
  if (!x || !w || column < 0 || s.kh * s.kw === 1) return undefined;
  const perGroup = s.ci / s.groups;
  const first = perGroup * Math.floor((co * s.groups) / s.co);
  const taps = Array.from({ length: s.kh * s.kw }, (_, tap) => [Math.floor(tap / s.kw), tap % s.kw] as const);
  const inside = (ih: number, iw: number) => ih >= 0 && iw >= 0 && ih < s.h && iw < s.w;
  const parts = Array.from({ length: perGroup }, (_, ci) => {
    const cells = taps.map(([kh, kw]) => {
      const [ih, iw] = [oh * s.strideH + kh * s.dilationH - s.padH, ow * s.strideW + kw * s.dilationW - s.padW];
      const value = inside(ih, iw) ? x.data[(ih * s.w + iw) * s.ci + first + ci] : 0;
      return { value, weight: w.data[((kh * s.kw + kw) * perGroup + ci) * w.shape[3] + column] };
    });
    return { ci, cells, sum: cells.reduce((sum, { value, weight }) => sum + value * weight, 0) };
  });
  const top = [...parts].sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum)).slice(0, 3);
  const grid = (name: string, values: number[]) => {
    const scale = largest(values);
    const cells = values.map((value) => {
      // No fuller, so that letters can be read on it.
      const colour = diverging(0.7 * value, scale);
      return html('span', { style: `background:rgb(${colour.join(',')});color:#1f2328` }, short(value, 2));
    });
    return html(
      'figure',
      {},
      html('div', { class: 'grid', style: `grid-template-columns:repeat(${s.kw},1fr)` }, ...cells),
      html('figcaption', {}, name),
    );
  };
  return html(
    'div',
    {},
    html(
      'p',
      {},
      perGroup === 1
        ? 'Its window, times the weights:'
        : `Window times weights, for the ${top.length} of ${perGroup} input channels that add most to it:`,
    ),
    ...top.map(({ ci, cells, sum }) =>
      html(
        'div',
        { class: 'window' },
        grid(
          `x, channel ${first + ci}`,
          cells.map(({ value }) => value),
        ),
        html('span', { class: 'sign' }, '·'),
        grid(
          'weights',
          cells.map(({ weight }) => weight),
        ),
        html('span', { class: 'sign' }, '='),
        grid(
          `sum ${short(sum, 4)}`,
          cells.map(({ value, weight }) => value * weight),
        ),
      ),
    ),
  );
}
