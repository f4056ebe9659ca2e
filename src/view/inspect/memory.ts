import { html, svg } from '../dom.ts';
import { bytes } from '../format.ts';
import type { StepView } from './step_view.ts';

const WIDTH = 1000;
const HEIGHT = 220;

/** What holds memory, from the bottom of the figure up. */
const HOLDERS = [
  ['parameters and buffers', '#0072b2'],
  ['the optimizer', '#009e73'],
  ['kept for the backward pass', '#e69f00'],
  ['gradients of parameters', '#d55e00'],
  ['the rest: batch, activations and gradients on their way', '#cccccc'],
] as const;

/** Bytes by holder before each dispatch. The parts that are known are what the tape and the tensors say; the rest is what the pool has in use besides. */
function memoryBySample(view: StepView): { dispatch: number; held: number[] }[] {
  const { record } = view.step;
  const { standing, samples } = record.memory;
  const spans = record.nodes.map((_, index) => {
    const all = record.dispatches.flatMap(({ node, phase }, i) =>
      node === index ? [{ i, back: phase === 'backward' }] : [],
    );
    return {
      from: all[0]?.i ?? 0,
      to: all.filter(({ back }) => back).at(-1)?.i ?? Number.POSITIVE_INFINITY,
    };
  });
  const sizes = new Map(record.parameters.map(({ name, shape }) => [name, 4 * shape.reduce((a, b) => a * b, 1)]));
  return samples.map(({ dispatch, bytes: used }) => {
    let [kept, gradients] = [0, 0];
    for (const [index, { inputs, savedBytes }] of record.nodes.entries()) {
      const { from, to } = spans[index];
      if (dispatch > from && dispatch <= to) kept += savedBytes;
      if (dispatch > to) {
        for (const source of inputs) if ('parameter' in source) gradients += sizes.get(source.parameter) ?? 0;
      }
    }
    const known = [standing.parameters + standing.buffers, standing.optimizer, kept, gradients];
    const rest = Math.max(0, used - known.reduce((a, b) => a + b, 0));
    return { dispatch, held: [...known, rest] };
  });
}

/** Memory over the step, as areas on top of each other. */
export function drawMemory(view: StepView): HTMLElement {
  const rows = memoryBySample(view);
  const most = Math.max(...rows.map(({ held }) => held.reduce((a, b) => a + b, 0)));
  const last = view.step.record.dispatches.length;
  const at = (dispatch: number, size: number) =>
    `${((WIDTH * dispatch) / last).toFixed(1)},${(HEIGHT * (1 - size / most)).toFixed(1)}`;
  const drawing = svg('svg', {
    viewBox: `0 -14 ${WIDTH} ${HEIGHT + 32}`,
    class: 'memory',
    role: 'img',
    'aria-label': 'Memory in use over the step',
  });
  for (const [level, [name, colour]] of HOLDERS.entries()) {
    const below = rows.map(({ dispatch, held }) =>
      at(
        dispatch,
        held.slice(0, level).reduce((a, b) => a + b, 0),
      ),
    );
    const above = rows.map(({ dispatch, held }) =>
      at(
        dispatch,
        held.slice(0, level + 1).reduce((a, b) => a + b, 0),
      ),
    );
    drawing.append(
      svg('polygon', { points: [...below, ...above.reverse()].join(' '), fill: colour }, svg('title', {}, name)),
    );
  }
  const backward = view.step.record.dispatches.findIndex(({ phase }) => phase === 'backward');
  if (backward > 0) {
    const x = (WIDTH * backward) / last;
    drawing.append(
      svg('line', { x1: x, x2: x, y1: -4, y2: HEIGHT, class: 'rule' }),
      svg('text', { x: x + 4, y: 4, class: 'small' }, 'backward begins'),
    );
  }
  drawing.append(
    svg('text', { x: 0, y: -3, class: 'small' }, `${bytes(most)} at most`),
    svg('text', { x: WIDTH, y: HEIGHT + 14, 'text-anchor': 'end', class: 'small' }, `dispatch ${last}`),
    svg('text', { x: 0, y: HEIGHT + 14, class: 'small' }, 'dispatch 1'),
  );
  const key = html(
    'ul',
    { class: 'key' },
    ...HOLDERS.map(([name, colour]) => html('li', {}, html('span', { style: `background:${colour}` }), name)),
  );
  return html('div', {}, html('div', { class: 'scroll', tabindex: 0 }, drawing), key);
}
