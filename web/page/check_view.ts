import type { CheckVerdict, ConformanceReport } from '../../src/inspect/conformance/conformance.ts';
import { ERROR_UNITS, failedText } from '../../src/inspect/conformance/describe.ts';
import { html, table } from '../../src/view/dom.ts';
import type { LivePage } from './live_page.ts';

const verdict = (passed: boolean) => (passed ? 'right' : 'WRONG');
const checks = (kind: string, all: readonly CheckVerdict[]) =>
  all.map(({ name, error, passed, detail }) => [kind, name, error?.toFixed(2) ?? '', verdict(passed), detail]);

/** Whether the GPU computes rightly: two buttons, how far the check is, and the table of what was found. */
export class CheckView {
  readonly element: HTMLElement;
  readonly #page: LivePage;
  readonly #told = html('p', { 'aria-live': 'polite' });
  readonly #shown = html('div', {});
  readonly #buttons: HTMLButtonElement[];

  constructor(page: LivePage) {
    this.#page = page;
    this.#buttons = [
      html('button', { id: 'check-quick', type: 'button', onclick: () => void this.#check(true) }, 'Check this GPU'),
      html('button', { id: 'check-all', type: 'button', onclick: () => void this.#check(false) }, 'Check everything'),
    ];
    this.element = html('div', {}, html('p', {}, ...this.#buttons), this.#told, this.#shown);
  }

  /** How far it is. */
  tell({ share, next }: { share: number; next: string }): void {
    this.#told.textContent = `${Math.floor(100 * share)} %: ${next}`;
  }

  async #check(quick: boolean): Promise<void> {
    for (const button of this.#buttons) button.disabled = true;
    this.#told.textContent = 'The training is paused. Kernels are compiled …';
    const report = await this.#page.attempt(() => this.#page.engine.ask('check', { quick }));
    this.#told.textContent = '';
    if (report) this.#show(report);
    for (const button of this.#buttons) button.disabled = false;
  }

  #show(report: ConformanceReport): void {
    const { passed, results, seconds, kernels, gradients, steps, limits } = report;
    const rows = [
      ...kernels.map(({ shader, error, passed, smallest }) => [
        ...['kernel', shader, error.toFixed(2), verdict(passed), smallest ? failedText(smallest) : ''],
      ]),
      ...checks('gradient', gradients),
      ...checks('training step', steps),
      ...checks('limit', limits),
    ];
    // What is wrong stands first.
    rows.sort((a, b) => Number(a[3] === 'right') - Number(b[3] === 'right'));
    const text = JSON.stringify({ agent: navigator.userAgent, ...report }, null, 2);
    const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    this.#shown.replaceChildren(
      html(
        'p',
        { id: 'check-verdict' },
        passed ? 'This GPU computes rightly' : 'This GPU does NOT compute rightly',
        `: ${results} results of ${kernels.length} kernels in ${seconds.toFixed(0)} s.`,
      ),
      html('p', {}, `${ERROR_UNITS} `, html('a', { href, download: 'verify.json' }, 'The report, to keep or to send')),
      html('div', { class: 'scroll', tabindex: '0' }, table(['', 'what', 'error', '', ''], rows)),
    );
  }
}
