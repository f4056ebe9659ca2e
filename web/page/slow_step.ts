import { html } from '../../src/view/dom.ts';
import type { LivePage } from './live_page.ts';

/** Records the next step and shows it as `wgrad inspect` does. */
export class SlowStep {
  readonly element: HTMLElement;
  readonly #shown = html('div', {});

  constructor(page: LivePage) {
    const record = html('button', { id: 'record', type: 'button' }, 'Record the next step of the first run');
    record.addEventListener('click', async () => {
      record.disabled = true;
      await page.attempt(async () => {
        await page.engine.ask('pause');
        const { data, numbers } = await page.engine.ask('record', { run: 0, image: 0 });
        const { showStep } = await import('./shown_step.ts');
        showStep(this.#shown, data, numbers);
      });
      record.disabled = false;
    });
    this.element = html('div', {}, html('p', {}, record), this.#shown);
  }
}
