import { unpackPage } from '../../src/inspect/page_data.ts';
import { html } from '../../src/view/dom.ts';
import { insideSection, SECTIONS } from '../../src/view/inspect/sections.ts';
import { buildStepPage } from '../../src/view/inspect/step_page.ts';
import { StepView } from '../../src/view/inspect/step_view.ts';
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
        this.#show(new StepView(unpackPage(data, numbers)));
      });
      record.disabled = false;
    });
    this.element = html('div', {}, html('p', {}, record), this.#shown);
  }

  #show(view: StepView): void {
    const sections = SECTIONS.map(([id, title, text]) => {
      const section = html(
        'section',
        { 'aria-labelledby': `${id}-title` },
        html('h3', { id: `${id}-title` }, title),
        html('p', {}, text),
      );
      section.insertAdjacentHTML('beforeend', insideSection(id));
      return section;
    });
    this.#shown.replaceChildren(html('dl', { id: 'facts' }), ...sections);
    buildStepPage(view);
    this.#shown.dataset.ready = 'true';
  }
}
