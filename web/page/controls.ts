import { SAMPLER_NAMES } from '../../src/data/samplers/index.ts';
import { LOSS_NAMES } from '../../src/nn/losses/index.ts';
import { MODEL_NAMES } from '../../src/nn/models/index.ts';
import { OPTIMIZER_NAMES } from '../../src/nn/optimizers/index.ts';
import { html } from '../../src/view/dom.ts';
import type { Ready, RunSetUp, SetUp } from '../protocol.ts';
import { FIRST } from './set_up.ts';

const LOSS_WORDS: Readonly<Record<string, string>> = {
  ce: 'Cross-entropy: every image counts alike, so large classes decide.',
  'weighted-ce': 'Cross-entropy with a weight of 1 / images for each class.',
  focal: 'Focal: images that are already recognised count for less.',
  'class-balanced': 'Class-balanced, over focal: weights by the effective number of images of a class.',
  'class-balanced-ce': 'Class-balanced, over cross-entropy.',
  'label-smoothing': 'Label smoothing: a tenth of the target is spread over all classes.',
  'balanced-softmax': 'Balanced softmax: adds the logarithm of the class sizes to the logits while training.',
  'logit-adjustment': 'Logit adjustment: shifts the logits by the logarithm of the class frequencies.',
  ldam: 'LDAM: asks for a wider margin for smaller classes.',
};

const SAMPLER_WORDS: Readonly<Record<string, string>> = {
  none: 'Every image once an epoch.',
  'random-oversampling': 'Images of small classes are repeated until all classes are alike.',
  'random-undersampling': 'Images of large classes are left out until all are alike.',
  balanced: 'Draws so that each class is as likely as any other.',
  smote: 'Adds images between neighbours of a small class.',
};

const OPTIMIZER_WORDS: Readonly<Record<string, string>> = {
  sgd: 'Gradient descent with momentum.',
  adam: 'Steps scaled by the running size of each gradient.',
  adamw: 'Adam with decoupled weight decay.',
  rmsprop: 'Steps divided by the running size of the gradient.',
};

/** Told of how a set-up is changed: another control may have changed it meanwhile. */
type Change = (change: (setUp: SetUp) => SetUp) => void;

function field(name: string, word: string | undefined, control: HTMLElement): HTMLElement {
  return html('label', {}, html('span', { class: 'name' }, name), control, html('span', { class: 'word' }, word ?? ''));
}

function choice<T extends string>(
  id: string,
  names: readonly T[],
  now: T,
  on: (value: T) => void,
  labels?: Record<string, string>,
): HTMLSelectElement {
  const select = html(
    'select',
    { id },
    ...names.map((name) => html('option', { value: name, selected: name === now }, labels?.[name] ?? name)),
  );
  select.addEventListener('change', () => on(select.value as T));
  return select;
}

function numeric(
  id: string,
  now: number,
  limits: { min: number; max: number; step: number | 'any' },
  on: (value: number) => void,
): HTMLInputElement {
  const input = html('input', { id, type: 'number', value: now, ...limits });
  input.addEventListener('change', () => {
    if (input.value !== '' && input.checkValidity()) on(Number(input.value));
    else input.reportValidity();
  });
  return input;
}

/** The imbalance on a logarithmic slider, with the class sizes it comes to. */
function imbalance(setUp: SetUp, change: Change): HTMLElement {
  const most = Math.log10(200);
  const output = html('output', {}, `${setUp.imbalance} : 1`);
  const bars = html('span', { class: 'tail', 'aria-hidden': true });
  const draw = (ratio: number) => {
    bars.replaceChildren(
      ...Array.from({ length: 10 }, (_, i) =>
        html('span', { style: `height:${Math.max(3, 100 * ratio ** (-i / 9))}%` }),
      ),
    );
  };
  draw(setUp.imbalance);
  const slider = html('input', {
    ...{ id: 'imbalance', type: 'range', min: 0, max: most, step: 0.01, value: Math.log10(setUp.imbalance) },
    'aria-label': 'Imbalance, largest class to smallest',
  });
  slider.addEventListener('input', () => {
    const ratio = 10 ** Number(slider.value);
    const round = ratio < 10 ? Math.round(10 * ratio) / 10 : Math.round(ratio);
    output.textContent = `${round} : 1`;
    draw(round);
    change((now) => ({ ...now, imbalance: round }));
  });
  return html(
    'div',
    { class: 'field' },
    html('span', { class: 'name' }, 'Imbalance '),
    output,
    slider,
    bars,
    html(
      'span',
      { class: 'word' },
      'Images of the largest class to those of the smallest; the sizes between fall exponentially.',
    ),
  );
}

function runFields(setUp: SetUp, i: number, change: Change): HTMLElement {
  const run = setUp.runs[i];
  const put = (some: Partial<RunSetUp>) =>
    change((now) => ({ ...now, runs: now.runs.map((one, at) => (at === i ? { ...one, ...some } : one)) }));
  return html(
    'fieldset',
    {},
    html('legend', {}, setUp.runs.length > 1 ? (i === 0 ? 'First run' : 'Second run') : 'The run'),
    field(
      'Loss',
      LOSS_WORDS[run.loss],
      choice(`loss${i + 1}`, LOSS_NAMES, run.loss, (loss) => put({ loss })),
    ),
    field(
      'Sampler',
      SAMPLER_WORDS[run.sampler],
      choice(`sampler${i + 1}`, SAMPLER_NAMES, run.sampler, (sampler) => put({ sampler })),
    ),
  );
}

/** The controls of a set-up; `change` is told of a new one. */
export function controls(setUp: SetUp, ready: Ready | undefined, change: Change): HTMLElement[] {
  const put = (some: Partial<SetUp>) => change((now) => ({ ...now, ...some }));
  const datasets = [...new Set(['mnist', setUp.data])];
  const beside = html('input', { id: 'beside', type: 'checkbox', checked: setUp.runs.length > 1 });
  beside.addEventListener('change', () =>
    put({ runs: beside.checked ? [setUp.runs[0], FIRST.runs[1]] : [setUp.runs[0]] }),
  );
  return [
    field(
      'Data',
      ready
        ? `${ready.counts.reduce((a, b) => a + b, 0)} training images in ${ready.classNames.length} classes; ${ready.held} held out.`
        : 'Images to learn from.',
      choice('data', datasets, setUp.data, (data) => put({ data }), { mnist: 'MNIST digits' }),
    ),
    imbalance(setUp, change),
    field(
      'Images of the largest class',
      'Fewer train faster.',
      numeric('perClass', setUp.perClass, { min: 10, max: 5000, step: 10 }, (perClass) => put({ perClass })),
    ),
    field(
      'Network',
      ready ? `${ready.parameters.toLocaleString('en')} numbers to learn.` : '',
      choice('model', MODEL_NAMES, setUp.model, (model) => put({ model })),
    ),
    field(
      'Width',
      'Channels of each layer, relative to the network as published.',
      numeric('width', setUp.width, { min: 1 / 64, max: 2, step: 'any' }, (width) => put({ width })),
    ),
    field(
      'Optimizer',
      OPTIMIZER_WORDS[setUp.optimizer],
      choice('optimizer', OPTIMIZER_NAMES, setUp.optimizer, (optimizer) => put({ optimizer })),
    ),
    field(
      'Learning rate',
      'How far a step goes. Too far, and the loss explodes.',
      numeric('lr', setUp.lr, { min: 0, max: 100, step: 'any' }, (lr) => put({ lr })),
    ),
    field(
      'Batch',
      'Images in a step.',
      numeric('batch', setUp.batchSize, { min: 2, max: 512, step: 1 }, (batchSize) => put({ batchSize })),
    ),
    field(
      'Seed',
      'The same seed gives the same numbers, bit for bit on the same machine.',
      numeric('seed', setUp.seed, { min: 0, max: 2 ** 31, step: 1 }, (seed) => put({ seed })),
    ),
    runFields(setUp, 0, change),
    ...(setUp.runs.length > 1 ? [runFields(setUp, 1, change)] : []),
    html(
      'label',
      {},
      beside,
      html('span', { class: 'name' }, ' Two runs side by side'),
      html('span', { class: 'word' }, 'From the same seed: the same first weights, the same images.'),
    ),
  ];
}
