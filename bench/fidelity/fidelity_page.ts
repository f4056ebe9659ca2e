import type { ClassThirds } from '../../src/metrics/class_thirds.ts';

/** What one training came to. */
export interface TrainingScores {
  /** Mean training loss of each epoch. */
  losses: number[];
  trainingAccuracy: number[];
  /** On the test images, as are the recalls of the thirds of the classes. */
  accuracy: number;
  recall: Record<keyof ClassThirds, number | null>;
}

export interface Both<T> {
  wgrad: T;
  torch: T;
}

/** Trainings that differ in their seed alone. */
export interface Condition {
  title: string;
  study: string;
  seeds: Both<TrainingScores>[];
}

/** By the names of `samplesOf`: the difference of the means, and how likely one as large is by chance. */
export type Welch = Record<string, readonly [difference: number, p: number | null]>;

const SCORES: { name: string; percent: boolean; of(scores: TrainingScores): number }[] = [
  { name: 'training loss, last epoch', percent: false, of: ({ losses }) => losses[losses.length - 1] },
  { name: 'test accuracy', percent: true, of: ({ accuracy }) => accuracy },
  { name: 'recall, largest third', percent: true, of: ({ recall }) => recall.largest ?? Number.NaN },
  { name: 'recall, middle', percent: true, of: ({ recall }) => recall.middle ?? Number.NaN },
  { name: 'recall, smallest third', percent: true, of: ({ recall }) => recall.smallest ?? Number.NaN },
];

const ALL = 'all';
/** Whether it has a deviation, and so a test: two seeds at least. */
const isTested = ({ seeds }: Condition) => seeds.length > 1;
const pairOf = ({ seeds }: Condition, of: (scores: TrainingScores) => number) => [
  seeds.map(({ wgrad }) => of(wgrad)),
  seeds.map(({ torch }) => of(torch)),
];

/** Name → two samples for each condition of two seeds or more, as welch.py wants them: of each score in each condition, and in all of them together. */
export function samplesOf(all: readonly Condition[]): Record<string, number[][][]> {
  const samples: Record<string, number[][][]> = {};
  const conditions = all.filter(isTested);
  if (conditions.length === 0) return samples;
  for (const { name, of } of SCORES) {
    for (const condition of conditions) samples[`${condition.title}: ${name}`] = [pairOf(condition, of)];
    samples[`${ALL}: ${name}`] = conditions.map((condition) => pairOf(condition, of));
  }
  return samples;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

/** Loss and accuracy of each epoch, the mean of the seeds. */
export function meanLosses({ seeds }: Condition, side: keyof Both<unknown>) {
  const over = (of: (scores: TrainingScores) => number[]) =>
    of(seeds[0][side]).map((_, epoch) => mean(seeds.map((both) => of(both[side])[epoch])));
  return {
    name: side === 'torch' ? 'PyTorch' : side,
    loss: over(({ losses }) => losses),
    accuracy: over(({ trainingAccuracy }) => trainingAccuracy),
  };
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[][]) =>
  [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

/** Holm's correction: each p times the number of those that are not smaller, and never below an earlier one. */
export function holm(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a] - ps[b]);
  const corrected = new Array<number>(ps.length);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, ps[i] * (ps.length - rank)));
    corrected[i] = least;
  }
  return corrected;
}

export interface FidelityPage {
  conditions: readonly Condition[];
  tests: Welch;
  date: string;
  /** Pairs of trainings. */
  done: number;
  planned: number;
  /** PyTorch's version. */
  torch: string;
}

/** docs/fidelity.md */
export function fidelityPage({ conditions, tests, date, done, planned, torch }: FidelityPage): string {
  const shown = (value: number, percent: boolean) => (percent ? (100 * value).toFixed(1) : value.toFixed(3));
  const spread = (values: readonly number[], percent: boolean) =>
    `${shown(mean(values), percent)}${values.length > 1 ? ` ± ${shown(deviation(values), percent)}` : ''}`;
  const p = (name: string) => tests[name]?.[1] ?? null;
  const chance = (value: number | null) => (value === null ? '–' : value.toFixed(value < 0.01 ? 4 : 2));
  const results = conditions.flatMap((condition) =>
    SCORES.map(({ name, percent, of }) => {
      const [own, theirs] = pairOf(condition, of);
      const test = `${condition.title}: ${name}`;
      return [
        ...[condition.title, `${condition.seeds.length}`, `${name}${percent ? ' (%)' : ''}`],
        ...[spread(own, percent), spread(theirs, percent)],
        ...[shown(mean(own) - mean(theirs), percent), chance(p(test))],
      ];
    }),
  );
  const single = Object.keys(tests).filter((name) => !name.startsWith(`${ALL}: `) && p(name) !== null);
  const corrected = holm(single.map((name) => p(name) as number));
  const smallest = corrected.indexOf(Math.min(...corrected));
  const together = SCORES.filter(({ name }) => tests[`${ALL}: ${name}`]).map(({ name, percent }) => {
    const [difference, chanceOf] = tests[`${ALL}: ${name}`];
    return [`${name}${percent ? ' (%)' : ''}`, shown(difference, percent), chance(chanceOf)];
  });
  const verdict =
    single.length === 0
      ? 'No training has two seeds yet, so there is no test.'
      : `Of ${single.length} tests some come out small by chance. Holm's correction takes their number into account: the smallest p, of ${single[smallest]}, is then ${chance(corrected[smallest])}.

All trainings of two seeds or more together: the mean difference, and its p.

${table(['score', 'difference', 'p'], together)}`;
  const epochs = conditions[0].seeds[0].wgrad.losses.map((_, epoch) => [
    `${epoch + 1}`,
    ...conditions.map((condition) =>
      (['wgrad', 'torch'] as const)
        .map((side) =>
          spread(
            condition.seeds.map((both) => both[side].losses[epoch]),
            false,
          ),
        )
        .join(' / '),
    ),
  ]);
  return `# The same trainings in PyTorch

Does a network learn in wgrad as it does in PyTorch? Steps are compared to the last digit in the tests. Here whole trainings are compared, in which the first
weights, the order of the images and their augmentation are random on both sides, so the scores can only be alike on average.

    npm run bench:fidelity

trains both, for hours, and writes this page; stopped, it goes on where it was, and what is finished stays in \`bench/fidelity/measured\`. It needs a Python with torch, numpy and scipy; on Debian
\`apt-get install --no-install-recommends python3-torch python3-scipy\`.

- Data: CIFAR-10 with a long tail of ratio 100, 12,406 training images; all 10,000 test images. Each seed draws a tail of its own.
- Recipe: Adam, learning rate 0.001, weight decay 0.0001, batches of 128, crop and mirror, 15 epochs, the last weights. CustomCNN at a quarter of its width.
- \`erm\`, \`drw\` and \`ldam-drw\` have CustomCNN at an eighth of its width without dropout, a learning rate of 0.002 that falls to a hundredth after twelve epochs and again after fourteen, and in two of them weights of the
  classes from then on; \`ldam-drw\` is the paper's, with a last layer of cosines (\`bench/fidelity/deferred.yaml\`).
- PyTorch: \`bench/fidelity/torch_training.py\`, ${torch}, on the CPU in float32, with networks, losses and augmentation written there from their
  definitions and papers. Plain \`ldam\` has deferred re-weighting in the last three epochs, and the scale 1 that wgrad's has with a plain linear layer.
- Thirds: of the classes by their number of training images, 3, 4 and 3 classes.

${done} of ${planned} pairs of trainings (${date}). Mean ± standard deviation over the seeds, where there are several. p is how likely a difference as large is where there is none: Welch's t-test.

${table(['training', 'seeds', 'score', 'wgrad', 'PyTorch', 'difference', 'p'], results)}

${verdict}

## Training loss by epoch

wgrad / PyTorch.

${table(['epoch', ...conditions.map(({ title }) => title)], epochs)}

![Loss and accuracy on the training images by epoch](figures/fidelity.png)
`;
}
