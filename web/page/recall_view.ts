import { SERIES_COLOURS } from '../../src/lab/plots/style.ts';
import { html, table } from '../../src/view/dom.ts';
import { percent } from '../../src/view/format.ts';
import type { HeldOut, Ready } from '../protocol.ts';

/** Classes by the number of their training images, the largest first. */
function bySize({ counts }: Ready): number[] {
  return [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
}

/** Recall of each class as bars, one for each run. */
export function recallView(
  ready: Ready,
  names: readonly string[],
  held: readonly (HeldOut | undefined)[],
): HTMLElement {
  const key = html(
    'ul',
    { class: 'key' },
    ...names.map((name, i) => {
      const mean = held[i]?.balancedAccuracy;
      return html(
        'li',
        {},
        html('span', { style: `background:${SERIES_COLOURS[i]}` }),
        `${name}: ${mean === undefined ? '–' : percent(mean)} on average over the classes`,
      );
    }),
  );
  const rows = bySize(ready).flatMap((c) => [
    html('span', {}, `${ready.classNames[c]} (${ready.counts[c]})`),
    html(
      'div',
      { class: 'pair' },
      ...names.map((name, i) => {
        const recall = held[i]?.recall[c] ?? 0;
        return html(
          'div',
          {
            class: 'bar',
            role: 'img',
            'aria-label': `${ready.classNames[c]}, ${name}: ${percent(recall)}`,
            'data-recall': recall,
            'data-class': c,
            'data-run': i,
          },
          html('span', { style: `width:${100 * recall}%;background:${SERIES_COLOURS[i]}` }),
        );
      }),
    ),
  ]);
  return html('div', {}, key, html('div', { class: 'bars' }, ...rows));
}

/** Confusion matrices, rows the true classes in order of size. */
export function confusionView(
  ready: Ready,
  names: readonly string[],
  held: readonly (HeldOut | undefined)[],
): HTMLElement[] {
  const order = bySize(ready);
  const classes = order.length;
  if (classes > 20) return [];
  return names.flatMap((name, i) => {
    const found = held[i];
    if (found === undefined) return [];
    const rows = order.map((truth) => {
      const row = order.map((predicted) => found.confusion[truth * classes + predicted]);
      const total = row.reduce((a, b) => a + b, 0) || 1;
      return [
        html('strong', {}, ready.classNames[truth]),
        ...row.map((count, at) => {
          const share = count / total;
          const right = order[at] === truth;
          const [r, g, b] = right ? [0, 114, 178] : [213, 94, 0];
          return html(
            'span',
            {
              class: 'cell', // No fuller, so that letters can be read on it.
              style: `background:rgb(${r} ${g} ${b} / ${0.7 * share})`,
            },
            count === 0 ? '·' : String(count),
          );
        }),
      ];
    });
    const matrix = table(['', ...order.map((c) => ready.classNames[c])], rows);
    matrix.classList.add('confusion');
    return [
      html(
        'details',
        { open: names.length === 1 },
        html('summary', {}, `Confusion matrix of ${name}: rows are the true classes`),
        matrix,
      ),
    ];
  });
}
