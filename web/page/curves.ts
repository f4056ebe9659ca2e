import { SERIES_COLOURS } from '../../src/lab/plots/style.ts';
import { html } from '../../src/view/dom.ts';
import { short } from '../../src/view/format.ts';

/** A curve: its values by step. */
export interface Curve {
  name: string;
  /** Place in the report's colours. */
  colour: number;
  dashed?: boolean;
  points: readonly (readonly [step: number, value: number])[];
}

const HEIGHT = 220;
const LEFT = 46;
const BOTTOM = 24;
const TOP = 8;

const colourOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Curves over steps on a canvas, with a line of text that says the same. */
export class CurvePlot {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #legend = html('ul', { class: 'key' });
  readonly #title: string;
  readonly #range: readonly [number, number] | undefined;
  #marker = -1;
  #curves: Curve[] = [];

  constructor(title: string, range?: readonly [number, number]) {
    this.#title = title;
    this.#range = range;
    this.#canvas = html('canvas', { class: 'plot', role: 'img', 'aria-label': title });
    this.element = html('figure', { class: 'curves' }, html('figcaption', {}, title), this.#canvas, this.#legend);
    new ResizeObserver(() => this.#paint()).observe(this.element);
  }

  /** marker: a step to point at; −1 for none. */
  show(curves: Curve[], marker = -1): void {
    this.#curves = curves;
    this.#marker = marker;
    this.#legend.replaceChildren(
      ...curves.map(({ name, colour, dashed, points }) =>
        html(
          'li',
          {},
          html('span', { style: `background:${SERIES_COLOURS[colour]};${dashed ? 'height:0.3em' : ''}` }),
          `${name}: ${points.length > 0 ? short(points[points.length - 1][1], 3) : '–'}`,
        ),
      ),
    );
    const said = curves.map(({ name, points }) => `${name} ${short(points.at(-1)?.[1] ?? Number.NaN, 3)}`).join(', ');
    this.#canvas.setAttribute('aria-label', `${this.#title}. Last values: ${said}.`);
    this.#paint();
  }

  #paint(): void {
    const canvas = this.#canvas;
    const width = this.element.clientWidth;
    if (width === 0) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.scale(scale, scale);
    const all = this.#curves.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
    const last = Math.max(10, ...this.#curves.map(({ points }) => points.at(-1)?.[0] ?? 0));
    const [low, high] = this.#range ?? [0, all.reduce((most, value) => Math.max(most, value), 0.1)];
    const x = (step: number) => LEFT + ((width - LEFT - 8) * step) / last;
    const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * (value - low)) / (high - low);
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = colourOf('--muted');
    context.strokeStyle = colourOf('--line');
    context.textBaseline = 'middle';
    for (let i = 0; i <= 4; i++) {
      const value = low + ((high - low) * i) / 4;
      line(context, LEFT, y(value), width - 8, y(value));
      context.textAlign = 'right';
      context.fillText(short(value, 2), LEFT - 6, y(value));
    }
    context.textAlign = 'center';
    for (let i = 0; i <= 4; i++)
      context.fillText(String(Math.round((last * i) / 4)), x((last * i) / 4) - (i === 4 ? 8 : 0), HEIGHT - 9);
    for (const { colour, dashed, points } of this.#curves) {
      context.strokeStyle = SERIES_COLOURS[colour];
      context.lineWidth = dashed ? 2.2 : 1.5;
      context.setLineDash(dashed ? [6, 4] : []);
      context.beginPath();
      // As many points as there are pixels: more would only take time.
      const every = Math.max(1, Math.floor(points.length / width));
      for (let i = 0; i < points.length; i += every) context.lineTo(x(points[i][0]), y(Math.min(high, points[i][1])));
      context.stroke();
    }
    context.setLineDash([]);
    if (this.#marker >= 0) {
      context.strokeStyle = colourOf('--text');
      line(context, x(this.#marker), TOP, x(this.#marker), HEIGHT - BOTTOM);
    }
  }
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** Of the newest value in the mean of a curve. */
const WEIGHT = 0.1;

/** Running means, so that a curve of single batches can be read. */
export function smoothed(values: readonly number[]): [number, number][] {
  let mean = values[0] ?? 0;
  return values.map((value, step) => {
    // Of a step that was recorded the accuracy is not known.
    if (Number.isFinite(value)) mean = Number.isFinite(mean) ? mean + WEIGHT * (value - mean) : value;
    return [step + 1, mean];
  });
}
