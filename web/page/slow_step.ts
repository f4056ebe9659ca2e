import { html } from '../../src/view/dom.ts';
import type { TapeWalk } from '../../src/view/inspect/tape_walk.ts';
import type { LivePage } from './live_page.ts';

/** Records the next step and shows it as `wgrad inspect` does. */
export class SlowStep {
  readonly element: HTMLElement;
  readonly #page: LivePage;
  readonly #shown = html('div', {});
  readonly #button = html('button', { id: 'record', type: 'button' }, 'Record the next step of the first run');
  #walk: TapeWalk | undefined;
  /** Steps done once the shown one was. */
  #step = 0;

  constructor(page: LivePage) {
    this.#page = page;
    this.#button.addEventListener('click', () => void this.#record());
    this.element = html('div', {}, html('p', {}, this.#button), this.#shown);
  }

  /** Shows the next node of the step that was recorded last; records the next step where that one is told, or is no longer the last. */
  async oneNode(): Promise<void> {
    const fresh = this.#walk !== undefined && !this.#walk.ended && this.#step === this.#page.progress?.step;
    if (!fresh) await this.#record();
    this.#walk?.next();
    this.#walk?.element.scrollIntoView({ block: 'start' });
  }

  async #record(): Promise<void> {
    const page = this.#page;
    this.#button.disabled = true;
    await page.attempt(async () => {
      await page.engine.ask('pause');
      const { data, numbers } = await page.engine.ask('record', { run: 0, image: 0 });
      const { showStep } = await import('./shown_step.ts');
      this.#walk = showStep(this.#shown, data, numbers);
      this.#step = page.progress?.step ?? 0;
    });
    this.#button.disabled = false;
  }
}
