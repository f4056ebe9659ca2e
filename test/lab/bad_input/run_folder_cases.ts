import type { BadCommand } from './bad_command.ts';

/** Folders of runs to go on with. */
export const RUNS: readonly BadCommand[] = [
  ['train --resume @runs/no-json', '@runs/no-json/results.json is damaged and cannot be read; start a new run.'],
  ['lab --resume @runs/no-json', '@runs/no-json/results.json is damaged and cannot be read; start a new run.'],
  ['train --resume @runs/empty-json', '@runs/empty-json/results.json is damaged and cannot be read; start a new run.'],
  ['lab --resume @runs/empty-json', '@runs/empty-json/results.json is damaged and cannot be read; start a new run.'],
  [
    'train --resume @runs/list-json',
    '@runs/list-json/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/list-json',
    '@runs/list-json/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/null-json',
    '@runs/null-json/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/null-json',
    '@runs/null-json/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/other-format',
    '@runs/other-format/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/other-format',
    '@runs/other-format/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/lab-version',
    '@runs/lab-version/results.json is not that of a run of this version; start a new run.',
  ],
  ['lab --resume @runs/lab-version', '@runs/lab-version/results.json has version 99, expected 2; start a new run.'],
  [
    'train --resume @runs/lab-more',
    '@runs/lab-more/results.json is not that of a run of this version; start a new run.',
  ],
  ['lab --resume @runs/lab-more', '@runs/lab-more/results.json is not that of a run of this version; start a new run.'],
  [
    'train --resume @runs/lab-less',
    '@runs/lab-less/results.json is not that of a run of this version; start a new run.',
  ],
  ['lab --resume @runs/lab-less', '@runs/lab-less/results.json is not that of a run of this version; start a new run.'],
  [
    'train --resume @runs/lab-seed',
    '@runs/lab-seed/results.json is not that of a run of this version; start a new run.',
  ],
  ['lab --resume @runs/lab-seed', '@runs/lab-seed/results.json is not that of a run of this version; start a new run.'],
  [
    'train --resume @runs/lab-epochs',
    '@runs/lab-epochs/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/lab-epochs',
    '@runs/lab-epochs/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/lab-experiment',
    '@runs/lab-experiment/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/lab-data',
    '@runs/lab-data/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/train-version',
    '@runs/train-version/results.json has version 0, expected 1; start a new run.',
  ],
  [
    'lab --resume @runs/train-version',
    '@runs/train-version/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/train-recipe',
    '@runs/train-recipe/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/train-recipe',
    '@runs/train-recipe/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/train-width',
    '@runs/train-width/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/train-width',
    '@runs/train-width/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/train-lr',
    '@runs/train-lr/results.json is not that of a run of this version; start a new run.',
  ],
  ['lab --resume @runs/train-lr', '@runs/train-lr/results.json is not that of a run of this version; start a new run.'],
  [
    'train --resume @runs/train-more',
    '@runs/train-more/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/train-more',
    '@runs/train-more/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/train-data',
    '@runs/train-data/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --resume @runs/sweep-version',
    '@runs/sweep-version/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'lab --resume @runs/sweep-version',
    '@runs/sweep-version/results.json is not that of a run of this version; start a new run.',
  ],
  ['train --resume @runs/lab', '@runs/lab/results.json is not that of a run of this version; start a new run.'],
  [
    'train --continue @runs/none --epochs 2',
    'There is no run to resume in @runs/none: it holds no results.json; name a folder under runs/.',
  ],
  [
    'train --continue @runs/lab --epochs 2',
    '@runs/lab/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'train --continue @runs/training --epochs 2',
    '@runs/training is not finished; go on with npx wgrad train --resume @runs/training.',
  ],
  [
    'train --continue @runs/train-done',
    '@runs/train-done has 1 epoch; say with --epochs how many it is to have in all.',
  ],
  [
    'train --continue @runs/train-done --epochs 1',
    '@runs/train-done has 1 epoch, and is asked for 1; say with --epochs how many it is to have in all.',
  ],
  [
    'train --continue @runs/train-done --epochs 2',
    '@runs/train-done holds no last checkpoint to go on from; begin another training from its weights with --weights @runs/train-done/weights.safetensors.',
  ],
];
