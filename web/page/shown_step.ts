import { type PageData, unpackPage } from '../../src/inspect/page_data.ts';
import { html } from '../../src/view/dom.ts';
import { insideSection, SECTIONS } from '../../src/view/inspect/sections.ts';
import { buildStepPage } from '../../src/view/inspect/step_page.ts';
import { StepView } from '../../src/view/inspect/step_view.ts';
import type { TapeWalk } from '../../src/view/inspect/tape_walk.ts';

/** Fills an element with what the page of `wgrad inspect` shows of a step. Returns the walk along its tape. */
export function showStep(place: HTMLElement, data: PageData, numbers: Float32Array): TapeWalk {
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
  place.replaceChildren(html('dl', { id: 'facts' }), ...sections);
  const walk = buildStepPage(new StepView(unpackPage(data, numbers)));
  place.dataset.ready = 'true';
  return walk;
}
