import type { BadCommand } from './bad_command.ts';

/** Files of sweeps. */
export const SWEEPS: readonly BadCommand[] = [
  [
    'sweep @sweeps/empty.yaml --count',
    'The sweep @sweeps/empty.yaml cannot be used: Invalid input: expected object, received null.',
  ],
  [
    'sweep @sweeps/number.yaml --count',
    'The sweep @sweeps/number.yaml cannot be used: Invalid input: expected object, received number.',
  ],
  [
    'sweep @sweeps/list.yaml --count',
    'The sweep @sweeps/list.yaml cannot be used: Invalid input: expected object, received array.',
  ],
  [
    'sweep @sweeps/broken.yaml --count',
    'The sweep @sweeps/broken.yaml is no YAML or JSON: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1.',
  ],
  [
    'sweep @sweeps/broken.json --count',
    'The sweep @sweeps/broken.json is no YAML or JSON: Flow map must end with a } at line 1, column 10.',
  ],
  [
    'sweep @sweeps/alias.yaml --count',
    'The sweep @sweeps/alias.yaml is no YAML or JSON: Unresolved alias (the anchor must be set before the alias): none.',
  ],
  ['sweep @sweeps/unknown.yaml --count', 'The sweep @sweeps/unknown.yaml cannot be used: Unrecognized key: "colour".'],
  [
    'sweep @sweeps/field.yaml --count',
    'The sweep @sweeps/field.yaml cannot be used: base: Unrecognized key: "learning".',
  ],
  [
    'sweep @sweeps/grid-field.yaml --count',
    'The sweep @sweeps/grid-field.yaml cannot be used: grid: Unrecognized key: "learning".',
  ],
  [
    'sweep @sweeps/grid-scalar.yaml --count',
    'The sweep @sweeps/grid-scalar.yaml cannot be used: grid.lr: Invalid input: expected array, received number.',
  ],
  [
    'sweep @sweeps/grid-empty.yaml --count',
    'The sweep @sweeps/grid-empty.yaml cannot be used: grid.lr: Too small: expected array to have >=1 items.',
  ],
  [
    'sweep @sweeps/value.yaml --count',
    'In the sweep loss must be one of ce, weighted-ce, sqrt-weighted-ce, focal, class-balanced, class-balanced-ce, label-smoothing, balanced-softmax, logit-adjustment, ldam, cdt, label-aware-smoothing, not "magic".',
  ],
  ['sweep @sweeps/lr.yaml --count', 'In the sweep lr must be a number of at least 0, not -1.'],
  ['sweep @sweeps/lr-text.yaml --count', 'In the sweep lr must be a number of at least 0, not "0.1".'],
  ['sweep @sweeps/lr-nan.yaml --count', 'In the sweep lr must be a number of at least 0, not NaN.'],
  ['sweep @sweeps/lr-inf.yaml --count', 'In the sweep lr must be a number of at least 0, not Infinity.'],
  ['sweep @sweeps/epochs.yaml --count', 'In the sweep epochs must be a whole number from 1 to 65536, not 0.'],
  ['sweep @sweeps/epochs-half.yaml --count', 'In the sweep epochs must be a whole number from 1 to 65536, not 1.5.'],
  ['sweep @sweeps/width.yaml --count', 'In the sweep width must be a number above 0, at most 16, not 1000000000.'],
  [
    'sweep @sweeps/seeds-none.yaml --count',
    'The sweep @sweeps/seeds-none.yaml cannot be used: seeds: Too small: expected array to have >=1 items.',
  ],
  [
    'sweep @sweeps/seeds-negative.yaml --count',
    'The sweep @sweeps/seeds-negative.yaml cannot be used: seeds.0: Too small: expected number to be >=0.',
  ],
  [
    'sweep @sweeps/seeds-text.yaml --count',
    'The sweep @sweeps/seeds-text.yaml cannot be used: seeds.0: Invalid input: expected number, received string.',
  ],
  [
    'sweep @sweeps/seeds-huge.yaml --count',
    'The sweep @sweeps/seeds-huge.yaml cannot be used: seeds.0: Too big: expected int to be <=9007199254740991.',
  ],
  ['sweep @sweeps/data.yaml --count', 'There is no data set "nosuch": choose one of …'],
  [
    'sweep @sweeps/data-number.yaml --count',
    'The sweep @sweeps/data-number.yaml cannot be used: data: Invalid input: expected string, received number.',
  ],
  [
    'sweep @sweeps/imbalance.yaml --count',
    'The sweep @sweeps/imbalance.yaml cannot be used: imbalance: Too small: expected number to be >=1.',
  ],
  [
    'sweep @sweeps/image-size.yaml --count',
    'The sweep @sweeps/image-size.yaml cannot be used: imageSize: Too small: expected number to be >=8.',
  ],
  ['sweep @sweeps/nesterov.yaml --count', '--nesterov says nothing with --optimizer adam; leave it out, or take sgd.'],
  [
    'sweep @sweeps/validation.yaml --count',
    '--keep needs images to choose by, which are held out by --validation; give it a share.',
  ],
  [
    'sweep @sweeps/too-many.yaml --count',
    'The sweep comes to 1000000000 trainings, more than 100000; part it into several files.',
  ],
  [
    'sweep @sweeps/bomb.yaml --count',
    'The sweep @sweeps/bomb.yaml is no YAML or JSON: Excessive alias count indicates a resource exhaustion attack.',
  ],
  [
    'sweep @sweeps/twice.yaml --count',
    'The sweep @sweeps/twice.yaml is no YAML or JSON: Map keys must be unique at line 2, column 1.',
  ],
];
