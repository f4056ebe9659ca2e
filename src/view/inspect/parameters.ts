import { html, table } from '../dom.ts';
import { percent, shapeText, short } from '../format.ts';
import { weightView } from './by_hand_view.ts';
import type { StepView } from './step_view.ts';

/** All parameters: what the step did to them. A press on one shows some of its weights, and a press on a weight its sums. */
export function parameterSection(view: StepView): HTMLElement {
  const { record, parameters } = view.step;
  const detail = html('div', { class: 'detail', id: 'weights' });
  const show = (name: string) => {
    const parameter = parameters.find((one) => one.name === name);
    if (parameter === undefined) return;
    const hand = html('div', {});
    const buttons = parameter.weights.map((weight) =>
      html(
        'button',
        {
          ...{ type: 'button', class: 'value', 'data-weight': weight.index.join(',') },
          onclick: () => hand.replaceChildren(weightView(view, parameter, weight)),
        },
        `[${weight.index.join(', ')}] ${short(weight.before, 3)}`,
      ),
    );
    detail.replaceChildren(
      html('h3', {}, name),
      html(
        'p',
        {},
        'Some of its weights. Press one to see its gradient as the sum that it is, and how the optimizer came to its new value.',
      ),
      html('div', { class: 'values' }, ...buttons),
      hand,
    );
  };
  const rows = record.parameters.flatMap(({ name, shape, value, gradient, update }) => {
    if (value === undefined) return [];
    const shown = parameters.some((one) => one.name === name && one.weights.length > 0);
    const label = shown
      ? html('button', { type: 'button', class: 'link', 'data-parameter': name, onclick: () => show(name) }, name)
      : name;
    const size = Math.hypot(value.mean, value.deviation);
    const moved = update && Math.hypot(update.mean, update.deviation);
    return [
      [
        label,
        html('span', {}, shapeText(shape)),
        short(size),
        gradient ? short(Math.hypot(gradient.mean, gradient.deviation)) : '–',
        moved === undefined ? '–' : short(moved),
        moved !== undefined && size > 0 ? percent(moved / size) : '–',
      ],
    ];
  });
  const first = parameters.find(({ weights }) => weights.length > 0);
  if (first) show(first.name);
  return html(
    'div',
    {},
    table(['parameter', 'shape', 'size', 'gradient', 'update', 'update ÷ size'], rows),
    html('p', { class: 'hint' }, 'Sizes are root mean squares.'),
    detail,
  );
}
