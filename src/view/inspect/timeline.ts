import { html, svg } from '../dom.ts';
import { bytes, flops, milliseconds } from '../format.ts';
import { PHASE_COLOURS, type StepView } from './step_view.ts';

const WIDTH = 1000;
const ROW = 26;

/** The dispatches on a line of time, under the layers and phases that they belong to. */
export function drawTimeline(view: StepView, select: (node: number) => void): HTMLElement {
  const { dispatches } = view.step.record;
  const end = Math.max(...dispatches.map(({ start, ms }) => start + ms));
  const x = (ms: number) => (WIDTH * ms) / end;
  const say = html(
    'p',
    { class: 'hint', 'aria-live': 'polite' },
    'Each bar is one run of a kernel. Point at one to read what it is; press it to see its operation below.',
  );
  const drawing = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${3 * ROW + 18}`,
    class: 'timeline',
    role: 'img',
    'aria-label': 'The dispatches of the step on a line of time',
  });
  const runs = (keyOf: (i: number) => string) => {
    const found: { key: string; from: number; to: number }[] = [];
    for (const [i, { start, ms }] of dispatches.entries()) {
      const key = keyOf(i);
      const last = found.at(-1);
      if (last?.key === key) last.to = start + ms;
      else found.push({ key, from: start, to: start + ms });
    }
    return found;
  };
  for (const { key, from, to } of runs((i) => dispatches[i].phase)) {
    drawing.append(
      svg(
        'rect',
        { x: x(from), y: 0, width: Math.max(0.5, x(to) - x(from)), height: ROW - 4, fill: PHASE_COLOURS[key] },
        svg('title', {}, key),
      ),
    );
    if (x(to) - x(from) > 52) drawing.append(svg('text', { x: x(from) + 5, y: 15, class: 'onbar' }, key));
  }
  for (const [n, { key, from, to }] of runs((i) => view.pathOf(dispatches[i].module).slice(0, 2).join(' ')).entries()) {
    const name = key.split(' ').pop() || 'outside the network';
    drawing.append(
      svg(
        'rect',
        {
          x: x(from),
          y: ROW,
          width: Math.max(0.5, x(to) - x(from)),
          height: ROW - 4,
          class: n % 2 ? 'layer odd' : 'layer',
        },
        svg('title', {}, name),
      ),
    );
    if (x(to) - x(from) > 7 * name.length)
      drawing.append(svg('text', { x: x(from) + 4, y: ROW + 15, class: 'small' }, name));
  }
  for (const { kernel, operation, phase, module, node, start, ms, flops: count, bytes: moved } of dispatches) {
    const text = `${kernel} for ${operation}${module ? `, ${module}` : ''}: ${milliseconds(ms)}, ${flops(count)} FLOP, ${bytes(moved)}`;
    drawing.append(
      svg(
        'rect',
        {
          ...{
            x: x(start),
            y: 2 * ROW,
            width: Math.max(0.6, x(ms)),
            height: ROW - 2,
            fill: PHASE_COLOURS[phase],
            class: 'dispatch',
          },
          onmouseenter: () => {
            say.textContent = text;
          },
          onclick: () => node !== undefined && select(node),
        },
        svg('title', {}, text),
      ),
    );
  }
  for (let i = 0; i <= 4; i++) {
    const anchor = i === 0 ? 'start' : i === 4 ? 'end' : 'middle';
    drawing.append(
      svg(
        'text',
        { x: (WIDTH * i) / 4, y: 3 * ROW + 14, 'text-anchor': anchor, class: 'small' },
        milliseconds((end * i) / 4),
      ),
    );
  }
  return html('div', {}, html('div', { class: 'scroll', tabindex: 0 }, drawing), say);
}
