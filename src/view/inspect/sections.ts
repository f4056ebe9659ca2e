/** The sections of a page of a step: where each part goes, its title, and what it is. */
export const SECTIONS = [
  [
    'time',
    'The step in time',
    'What the device did, one kernel after the other: forward through the layers, back with the gradients, and the update.',
  ],
  [
    'tape',
    'The tape',
    'Every operation that was written onto the tape. Blue arrows carry activations forward, orange ones gradients back. A box with a dashed border is a folded module: + unfolds it. The bar on a box is its share of the time.',
  ],
  ['image', 'One image', 'The image of the batch that this page follows.'],
  ['parameters', 'The update', 'What the step did to each parameter.'],
  [
    'memory',
    'Memory',
    'What held memory before each dispatch. The forward pass piles up what the backward pass will read; the backward pass gives it back.',
  ],
  ['layers', 'Layer by layer', 'Time, arithmetic and memory of each layer.'],
] as const;

/** What stands in a section before `buildStepPage` fills it. */
export function insideSection(id: string): string {
  return id === 'tape'
    ? '<div id="walk" class="walk"></div><div id="graph" class="graph" tabindex="0"></div><div id="unfolded" class="folds"></div><div id="detail"></div>'
    : `<div id="${id}"></div>`;
}
