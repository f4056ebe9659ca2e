import { html } from '../../src/view/dom.ts';
import { percent } from '../../src/view/format.ts';
import type { LivePage } from './live_page.ts';

/** Train, pause, one step, one node of a step, rewind; and how fast it goes. */
export class RunBar {
  readonly element: HTMLElement;
  readonly #page: LivePage;
  readonly #go = html('button', { id: 'go', type: 'button', class: 'main' }, 'Train');
  readonly #step = html('button', { id: 'step', type: 'button' }, 'One step');
  readonly #node = html('button', { id: 'node', type: 'button' }, 'One node');
  readonly #back = html('button', { id: 'rewind', type: 'button' }, 'Rewind to step 0');
  readonly #slider = html('input', {
    id: 'rewind-to',
    type: 'range',
    min: 0,
    max: 0,
    value: 0,
    'aria-label': 'Step to rewind to',
  });
  readonly #status = html('p', { class: 'status', id: 'status' });
  #touched = false;

  constructor(page: LivePage) {
    this.#page = page;
    const { engine } = page;
    this.#go.addEventListener(
      'click',
      () => void page.attempt(() => engine.ask(page.progress?.training ? 'pause' : 'train')),
    );
    this.#step.addEventListener(
      'click',
      () =>
        void page.attempt(async () => {
          await engine.ask('pause');
          await engine.ask('steps', 1);
        }),
    );
    this.#node.addEventListener('click', () => void page.attempt(() => page.oneNode()));
    this.#slider.addEventListener('input', () => {
      this.#touched = true;
      this.show();
    });
    this.#back.addEventListener(
      'click',
      () =>
        void page.attempt(async () => {
          await engine.ask('rewind', Number(this.#slider.value));
          this.#touched = false;
        }),
    );
    this.element = html(
      'div',
      {},
      html('div', {}, this.#go, this.#step, this.#node, html('label', {}, this.#back, this.#slider)),
      this.#status,
      html(
        'p',
        { class: 'hint' },
        'One node goes through the next step operation by operation, under «One step in slow motion». Rewind puts weights, optimizer and random numbers back; trained again, the losses are the same.',
      ),
    );
  }

  /** The step that a rewind would go to; −1 where none was chosen. */
  get marker(): number {
    return this.#touched ? Number(this.#slider.value) : -1;
  }

  show(): void {
    const { progress } = this.#page;
    const step = progress?.step ?? 0;
    this.#go.textContent = progress?.training ? 'Pause' : 'Train';
    this.#slider.max = String(step);
    this.#back.textContent = `Rewind to step ${this.#slider.value}`;
    this.#status.textContent = progress
      ? `Step ${step}, epoch ${Math.floor(step / progress.stepsPerEpoch) + 1}. ${progress.imagesPerSecond.toFixed(0)} images/s. ${percent(progress.display)} of the steps’ time goes into what is shown.`
      : 'Compiling the kernels: the first step takes longest.';
  }
}
