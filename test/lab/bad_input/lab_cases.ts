import type { BadCommand } from './bad_command.ts';

/** What is given to `wgrad lab` on the command line. */
export const LAB: readonly BadCommand[] = [
  ['lab --jobs 2 --resume @runs/lab', "option '--jobs <n>' cannot be used with option '--resume <folder>'"],
  ['lab --jobs 2 --shard 1/2', '--jobs parts the experiments itself; leave out --shard, or --jobs.'],
  [
    'lab --stop-after 25d',
    "option '--stop-after <time>' argument '25d' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  ['lab ps9', "There is no experiment 'ps9'; the experiments are: …"],
  ['lab ps1 ps1x', "There is no experiment 'ps1x'; the experiments are: …"],
  ['lab PS1', "There is no experiment 'PS1'; the experiments are: …"],
  ['lab list all', "'list' names the experiments and stands alone: npm run lab -- list."],
  ['lab --preset big', "option '--preset <name>' argument 'big' is invalid. Allowed choices are …"],
  ['lab --preset', "option '--preset <name>' argument missing"],
  ['lab --seeds 0', "option '--seeds <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  ['lab --seeds 1.5', "option '--seeds <n>' argument '1.5' is invalid. It must be a whole number of at least 1."],
  ['lab --seeds x', "option '--seeds <n>' argument 'x' is invalid. It must be a whole number of at least 1."],
  ['lab --epochs -1', "option '--epochs <n>' argument '-1' is invalid. It must be a whole number from 1 to 65536."],
  ['lab --width 99', "option '--width <factor>' argument '99' is invalid. It must be a number above 0, at most 16."],
  ['lab --imbalance 0', "option '--imbalance <ratio>' argument '0' is invalid. It must be a number of at least 1."],
  [
    'lab --batch-size 1e99',
    "option '--batch-size <n>' argument '1e99' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'lab --shard 0/2',
    "option '--shard <i/n>' argument '0/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard 3/2',
    "option '--shard <i/n>' argument '3/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  ['lab --shard 1', "option '--shard <i/n>' argument '1' is invalid. It must be i/n with i from 1 to n, such as 2/4."],
  [
    'lab --shard 1/0',
    "option '--shard <i/n>' argument '1/0' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard a/b',
    "option '--shard <i/n>' argument 'a/b' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard -1/2',
    "option '--shard <i/n>' argument '-1/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --improvements nothing',
    "option '--improvements <names>' argument 'nothing' is invalid. There is no improvement 'nothing'; the improvements are: …",
  ],
  [
    'lab --improvements se,,mixup',
    "option '--improvements <names>' argument 'se,,mixup' is invalid. There is no improvement ''; the improvements are: …",
  ],
  [
    'lab --improvements ,',
    "option '--improvements <names>' argument ',' is invalid. There is no improvement ''; the improvements are: …",
  ],
  ['lab --log csv', "option '--log <kind>' argument 'csv' is invalid. Allowed choices are …"],
  [
    'lab --rung best',
    "option '--rung <name>' argument 'best' is invalid. There are: naive, tiled, blocked, subgroup, winograd; and of the blocked one's tiles: blocked:64x64x16/4x4, …",
  ],
  [
    'lab --image-memory -5',
    "option '--image-memory <MB>' argument '-5' is invalid. It must be a number of at least 0.",
  ],
  ['lab --data nosuch', 'There is no data set "nosuch": choose one of …'],
  ['lab --resume @runs/lab --shard 1/2', "option '--resume <folder>' cannot be used with option '--shard <i/n>'"],
  [
    'lab --resume @runs/lab --data mnist',
    "option '--resume <folder>' cannot be used with option '--data <name or path>'",
  ],
  ['lab --resume @runs/lab --seed 1', "option '--resume <folder>' cannot be used with option '--seed <n>'"],
  [
    'lab --resume @nosuch',
    'There is no run to resume in @nosuch: it holds no results.json; name a folder under runs/.',
  ],
  ['lab --resume @file', 'There is no run to resume in @file: it holds no results.json; name a folder under runs/.'],
  ['lab --resume @runs', 'There is no run to resume in @runs: it holds no results.json; name a folder under runs/.'],
  ['lab --resume', "option '--resume <folder>' argument missing"],
  [
    'lab --into @runs/lab --resume @runs/lab',
    "option '--into <folder>' cannot be used with option '--resume <folder>'",
  ],
  [
    'lab --into @runs/lab --seed 5',
    '@runs/lab holds a run by another configuration or on other images; name another folder, or remove it.',
  ],
  ['lab --into @runs/training', '@runs/training/results.json is not that of a run of this version; start a new run.'],
  [
    'lab --into @file --data mnist',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'lab --pretrained @nosuch --data mnist --out @empty ps5',
    '--pretrained names @nosuch, which is not there; name a file of weights.',
  ],
  [
    'lab --out @file --data mnist --preset smoke ps1',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  ['lab --resume @runs/lab-experiment', "There is no experiment 'ps99'; the experiments are: …"],
];
