import { BatchSource, pick } from '../../data/batch_source.ts';
import { predictedClasses } from '../../metrics/classification.ts';
import { confusionMatrix } from '../../metrics/confusion.ts';
import { type ClassGroups, groupsByConfusion, vehiclesAndAnimals } from '../../train/decisions/class_groups.ts';
import { fitClassThresholds, withClassThresholds } from '../../train/decisions/class_thresholds.ts';
import { TEST_TIME_VIEWS, viewOf } from '../../train/decisions/image_view.ts';
import { meanProbabilities } from '../../train/decisions/mean_probabilities.ts';
import { acceptedAt, coverageCurve, thresholdForCoverage } from '../../train/decisions/rejection.ts';
import { twoStageProbabilities } from '../../train/decisions/two_stage.ts';
import { type Evaluation, evaluationOf } from '../../train/evaluation.ts';
import { rejectionCurve } from '../plots/index.ts';
import type { Repetition } from '../run/trained_model.ts';
import { percent } from '../terminal/text_table.ts';
import type { Improvement } from './improvement.ts';
import type { ImprovementTrial } from './improvement_trial.ts';

/** Share of the images that rejection is to decide, by the validation images. */
const COVERAGE = 0.8;

/** Confidence of each prediction, and whether it is right. */
function outcomesOf(probabilities: Float32Array, labels: ArrayLike<number>, classes: number) {
  const { predictions, confidence } = predictedClasses(probabilities, classes);
  return { confidence, correct: Uint8Array.from(predictions, (predicted, i) => Number(predicted === labels[i])) };
}

const rejection: Improvement = {
  name: 'rejection',
  group: 'after training',
  title: 'rejection of unsure ones',
  description: `predictions below a confidence are not made: the one that leaves ${percent(COVERAGE)} of the validation images`,
  async run(trial) {
    const { test } = trial.data;
    const { classes, labels } = trial.validation;
    const { repeats } = await trial.baseline();
    const thresholds: number[] = [];
    for (const repetition of repeats) {
      const probabilities = await trial.probabilities(repetition, trial.validation);
      const { confidence, correct } = outcomesOf(probabilities, labels, classes);
      thresholds.push(thresholdForCoverage(coverageCurve(confidence, correct), COVERAGE));
    }
    const tested = repeats.map(({ evaluation }) => outcomesOf(evaluation.probabilities, test.labels, classes));
    const accepted = tested.map(({ confidence, correct }, n) => acceptedAt(thresholds[n], confidence, correct));
    const [{ confidence, correct }] = tested;
    const { coverage, accuracy } = accepted[0];
    const figure = await trial.context.figure(
      rejectionCurve({
        points: coverageCurve(confidence, correct),
        chosen: accuracy === null ? undefined : { threshold: thresholds[0], coverage, accuracy },
        title: 'Accuracy with rejection: the baseline on the test images',
        caption: `Accuracy among the predictions that are made, over their share. Dashed: where all are made. The dot is the threshold chosen on the validation images: it decides ${percent(coverage)} of the test images, ${percent(accuracy)} of them rightly.`,
      }),
    );
    return {
      evaluations: repeats.map(({ evaluation }, n) => decided(evaluation, thresholds[n], trial)),
      note: `Its scores are those of the ${percent(coverage)} of the test images that it decides, so they are no gain on the others.`,
      section: [figure],
    };
  },
};

/** The evaluation of the images whose prediction is at least so confident; of all where that is none. */
function decided({ probabilities }: Evaluation, threshold: number, { data }: ImprovementTrial): Evaluation {
  const { classes, test } = data;
  const { confidence } = predictedClasses(probabilities, classes);
  const sure = [...confidence.keys()].filter((i) => confidence[i] >= threshold);
  if (sure.length === 0) return evaluationOf(probabilities, test);
  const rows = new Float32Array(sure.length * classes);
  for (const [n, i] of sure.entries()) rows.set(probabilities.subarray(i * classes, (i + 1) * classes), n * classes);
  return evaluationOf(rows, { labels: Uint32Array.from(sure, (i) => test.labels[i]), classes });
}

const classThresholds: Improvement = {
  name: 'class-thresholds',
  group: 'after training',
  title: 'class-specific thresholds',
  description: 'each class has a threshold of its own, so that the mean recall on the validation images is largest',
  async run(trial) {
    const { classes, labels: targets } = trial.validation;
    const { repeats } = await trial.baseline();
    const fitted: number[][] = [];
    for (const repetition of repeats) {
      const probabilities = await trial.probabilities(repetition, trial.validation);
      fitted.push(fitClassThresholds({ targets, probabilities, classes }));
    }
    const names = trial.data.classNames;
    return {
      evaluations: repeats.map(({ evaluation }, n) =>
        evaluationOf(withClassThresholds(evaluation.probabilities, fitted[n]), trial.data.test),
      ),
      note: `Thresholds relative to each other, chosen on the validation images: ${names.map((name, c) => `${name} ${fitted[0][c].toPrecision(2)}`).join(', ')}.`,
    };
  },
};

const logitAdjustment: Improvement = {
  name: 'logit-adjustment',
  group: 'after training',
  title: 'logit adjustment',
  description: "the logarithm of each class's share of the training images is taken off its logit",
  async run(trial) {
    const { counts, test } = trial.data;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const present = counts.filter((count) => count > 0);
    // Of a class that was never trained nothing is known: it stays as the rarest one.
    const shares = counts.map((count) => (count > 0 ? count : Math.min(...present)) / total);
    const { repeats } = await trial.baseline();
    return {
      evaluations: repeats.map(({ evaluation }) =>
        evaluationOf(withClassThresholds(evaluation.probabilities, shares), test),
      ),
    };
  },
};

const testTimeAugmentation: Improvement = {
  name: 'test-time-augmentation',
  group: 'after training',
  title: 'test-time augmentation',
  description:
    'the mean of the probabilities of several views: as it is, moved by a pixel along each diagonal, and all these mirrored where that keeps the class',
  async run(trial) {
    const { gpu, dataset, data } = trial.context;
    const { repeats } = await trial.baseline();
    const images = pick(dataset.test, data.testPositions, dataset);
    const shown = TEST_TIME_VIEWS.filter(({ flip }) => !flip || data.test.keeps.mirror);
    const views: Float32Array[][] = [];
    for (const repetition of repeats) {
      const seen: Float32Array[] = [];
      for (const view of shown) {
        const source = new BatchSource(gpu, dataset, viewOf(images, dataset, view));
        seen.push(await trial.probabilities(repetition, source));
      }
      views.push(seen);
    }
    return {
      evaluations: views.map((predictions) => evaluationOf(meanProbabilities(predictions), trial.data.test)),
      note: `It takes ${shown.length} times the computation for each image.`,
    };
  },
};

const twoStage: Improvement = {
  name: 'two-stage',
  group: 'after training',
  title: 'two-stage classification',
  description:
    'the baseline tells two groups of classes apart, then a network trained on that group alone tells its classes',
  trainings: (recipe) => [1, 2].map((group) => ({ recipe, variant: `expert-${group}` })),
  async run(trial) {
    const { classNames, train, test } = trial.data;
    const baseline = await trial.baseline();
    const known = vehiclesAndAnimals(classNames);
    const groups = known ?? (await confusedGroups(trial, baseline.repeats[0]));
    const experts: (readonly Repetition[])[] = [];
    for (const [g, members] of groups.members.entries()) {
      const positions = trial.positions.filter((_, i) => members.includes(train.labels[i]));
      const trained = await trial.train(trial.recipe, { variant: `expert-${g + 1}`, data: trial.subset(positions) });
      experts.push(trained.repeats);
    }
    return {
      evaluations: baseline.repeats.map(({ evaluation: { probabilities: first } }, n) => {
        const second = experts.map((repeats) => repeats[n].evaluation.probabilities);
        return evaluationOf(twoStageProbabilities({ first, experts: second, groups }), test);
      }),
      note: `The groups are ${groups.names.join(' and ')}${known ? '' : ', by what is confused on the validation images'}; their networks together take the baseline's training once more.`,
    };
  },
};

async function confusedGroups(trial: ImprovementTrial, repetition: Repetition): Promise<ClassGroups> {
  const { labels, classes } = trial.validation;
  const { predictions } = predictedClasses(await trial.probabilities(repetition, trial.validation), classes);
  return groupsByConfusion(confusionMatrix(labels, predictions, classes), trial.data.classNames);
}

export const AFTER_TRAINING_IMPROVEMENTS: readonly Improvement[] = [
  rejection,
  classThresholds,
  logitAdjustment,
  testTimeAugmentation,
  twoStage,
];
