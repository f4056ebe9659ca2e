import { activationByHand } from '../../inspect/by_hand/activation.ts';
import { type ByHand, productOf } from '../../inspect/by_hand/sum.ts';
import { updateByHand } from '../../inspect/by_hand/update.ts';
import { gradientByHand } from '../../inspect/by_hand/weight.ts';
import type { ShownParameter, ShownWeight } from '../../inspect/shown_step.ts';
import { html, table } from '../dom.ts';
import { short } from '../format.ts';
import { mathml } from '../mathml.ts';
import type { StepView } from './step_view.ts';

/** Terms that are shown before the rest is asked for. */
const FIRST_TERMS = 12;

const formulaOf = (formula: string) => {
  const holder = html('div', { class: 'formula' });
  holder.innerHTML = mathml(formula);
  return holder;
};

/** A sum with its terms, and whether it is the device's. */
function sumView({ formula, terms, sum, device, bound, note }: ByHand): HTMLElement[] {
  const ordered = terms.map((term, i) => ({ ...term, i, product: productOf(term.factors) }));
  const rows = (some: typeof ordered) =>
    table(
      ['term', 'factors', 'product'],
      some.map(({ label, factors, product }) => [
        label,
        factors.map((f) => short(f, 6)).join(' · '),
        short(product, 6),
      ]),
    );
  const list = html('div', {}, rows(ordered.slice(0, FIRST_TERMS)));
  const rest = terms.length - FIRST_TERMS;
  const more = html(
    'button',
    {
      type: 'button',
      onclick: () => {
        list.replaceChildren(rows(ordered));
        more.remove();
      },
    },
    `show ${rest} more ${rest === 1 ? 'term' : 'terms'}`,
  );
  const close = Math.abs(sum - device) <= bound;
  const verdict = html(
    'p',
    { class: close ? 'verdict right' : 'verdict wrong', 'data-sum': sum, 'data-device': device, 'data-bound': bound },
    `Sum of ${terms.length} ${terms.length === 1 ? 'term' : 'terms'} in float64: ${short(sum, 8)}. The device has ${short(device, 8)}. `,
    close
      ? `They differ by ${short(Math.abs(sum - device), 2)}; rounding to float32 may make up to ${short(bound, 2)} here.`
      : `They differ by ${short(Math.abs(sum - device), 2)}, more than the ${short(bound, 2)} that rounding to float32 may make.`,
  );
  return [formulaOf(formula), ...(note ? [html('p', {}, note)] : []), verdict, list, ...(rest > 0 ? [more] : [])];
}

/** One value of an activation, by hand. */
export function activationView(view: StepView, index: number, at: readonly number[]): HTMLElement {
  const { operation, module } = view.node(index);
  const made = activationByHand(view.step, index, at);
  const title = html('h4', {}, `y[${at.join(', ')}] of ${operation}${module ? ` in ${module}` : ''}`);
  if (made) return html('div', { class: 'hand' }, title, ...sumView(made));
  return html(
    'div',
    { class: 'hand' },
    title,
    html(
      'p',
      {},
      `The operation ${operation} is not taken apart here; its forward pass and its rule stand in src/autograd/ops.`,
    ),
  );
}

/** One weight: its gradient as a sum, and its update. */
export function weightView(view: StepView, parameter: ShownParameter, weight: ShownWeight): HTMLElement {
  const { record } = view.step;
  const title = html('h4', {}, `${parameter.name}[${weight.index.join(', ')}]`);
  const gradient = gradientByHand(view.step, parameter, weight);
  const lines = updateByHand(view.step, weight, parameter.stepsDone);
  const { type, hyperparameters } = record.optimizer;
  const settings = Object.entries(hyperparameters)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : value}`)
    .join(', ');
  return html(
    'div',
    { class: 'hand' },
    title,
    html('h5', {}, 'Its gradient: a sum over the batch'),
    ...(gradient
      ? sumView(gradient)
      : [
          html(
            'p',
            {},
            `Its gradient is ${short(weight.gradient, 8)}. The sum behind it is too long for this page, or of an operation that is not taken apart; take a smaller batch (--batch-size).`,
          ),
        ]),
    html('h5', {}, `Its update by ${type}`),
    html(
      'p',
      {},
      `Step ${parameter.stepsDone + 1}; ${settings}. Before: w = ${short(weight.before, 8)}${Object.entries(weight.kept)
        .map(([name, { before }]) => `, ${name} = ${before === undefined ? 'nothing yet' : short(before, 6)}`)
        .join('')}.`,
    ),
    ...(lines
      ? [
          table(
            ['', 'is', 'in float64', 'on the device', 'rounding'],
            lines.map(({ name, formula, value, device, bound }) => [
              name,
              formula,
              short(value, 8),
              device === undefined ? '' : short(device, 8),
              device === undefined ? '' : `±${short(bound, 2)}`,
            ]),
          ),
        ]
      : [html('p', {}, `After: ${short(weight.after, 8)}. The optimizer ${type} is not taken apart here.`)]),
  );
}
