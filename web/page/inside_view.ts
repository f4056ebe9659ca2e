import { SERIES_COLOURS } from '../../src/lab/plots/style.ts';
import { html, table } from '../../src/view/dom.ts';
import { milliseconds, short } from '../../src/view/format.ts';
import { paint } from '../../src/view/inspect/numbers.ts';
import { PHASE_COLOURS } from '../../src/view/inspect/step_view.ts';
import type { Filters, Look } from '../protocol.ts';

/** Filters of the first convolution as little pictures; grey is 0. */
function filterPictures({ shape: [kh, kw, channels, count], values }: Filters): HTMLElement {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const shown = Math.min(32, count);
  const byte = (value: number) => Math.round(127.5 + (127.5 * value) / scale);
  const filters = Array.from({ length: shown }, (_, filter) =>
    paint(
      [kh, kw],
      (y, x) => {
        const at = (c: number) => byte(values[((y * kw + x) * channels + (channels < 3 ? 0 : c)) * count + filter]);
        return [at(0), at(1), at(2)];
      },
      36,
    ),
  );
  return html('div', { class: 'filters' }, ...filters);
}

/** What is seen inside of each run: filters, gradients, time, and what seems wrong. */
export function insideView(names: readonly string[], looks: readonly (Look | undefined)[]): HTMLElement[] {
  const cards = names.flatMap((name, i) => {
    const look = looks[i];
    if (look === undefined) return [];
    const { said = [], filters, layers = [], phases } = look;
    const most = Math.max(1e-30, ...layers.map(({ gradient }) => gradient));
    return [
      html(
        'div',
        {},
        html('h3', { style: `border-left:0.5rem solid ${SERIES_COLOURS[i]};padding-left:0.5rem` }, name),
        html('h4', {}, 'What seems wrong'),
        ...(said.length === 0
          ? [html('p', {}, 'Nothing so far.')]
          : said.map(({ title, level, text }) =>
              html('p', { class: `said ${level}` }, html('strong', {}, `${title}. `), text),
            )),
        ...(filters ? [html('h4', {}, 'The first filters'), filterPictures(filters)] : []),
        ...(layers.length > 0
          ? [
              html('h4', {}, 'Gradients and updates, layer by layer'),
              table(
                ['layer', 'gradient', '', 'update ÷ weight'],
                layers.map(({ name: layer, gradient, weight, update }) => [
                  layer,
                  short(gradient, 3),
                  html('span', { class: 'meter', style: `width:${Math.round(80 * (gradient / most))}px` }),
                  short(weight > 0 ? update / weight : 0, 3),
                ]),
              ),
              html(
                'p',
                { class: 'hint' },
                'Sizes are roots of sums of squares. An update of about a thousandth of the weight is usual.',
              ),
            ]
          : []),
        ...(phases ? [html('h4', {}, 'Where a step’s time goes'), phaseBar(phases)] : []),
      ),
    ];
  });
  return [html('div', { class: 'beside' }, ...cards)];
}

function phaseBar(phases: readonly { phase: string; ms: number }[]): HTMLElement {
  const total = phases.reduce((sum, { ms }) => sum + ms, 0) || 1;
  return html(
    'div',
    {},
    html(
      'div',
      { class: 'phases', 'aria-hidden': true },
      ...phases.map(({ phase, ms }) =>
        html('span', { style: `flex:${ms / total} 0 0;background:${PHASE_COLOURS[phase] ?? '#888'}` }),
      ),
    ),
    html(
      'ul',
      { class: 'key' },
      ...phases.map(({ phase, ms }) =>
        html(
          'li',
          {},
          html('span', { style: `background:${PHASE_COLOURS[phase] ?? '#888'}` }),
          `${phase} ${milliseconds(ms)}`,
        ),
      ),
    ),
  );
}
