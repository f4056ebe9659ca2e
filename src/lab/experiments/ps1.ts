import { CustomCNN } from '../../nn/models/custom_cnn.ts';
import { summarize } from '../../nn/summary.ts';
import { longTail } from '../data/long_tail.ts';
import { classDistribution, confusionMatrix, trainingCurves } from '../plots/index.ts';
import { formatTable } from '../table.ts';
import { BatchSource } from '../training/batch_source.ts';
import { firstOfEachClass } from '../training/test_subset.ts';
import { trainAndEvaluate } from '../training/train_and_evaluate.ts';
import type { Experiment, ExperimentResult, LabContext } from './experiment.ts';

/**
 * PS1, architecture design: the lab's own network, CustomCNN, on a long-tailed training set, tested on a balanced one.
 */
export const ps1: Experiment = {
  id: 'ps1',
  title: 'Architecture design: CustomCNN on a long-tailed training set',

  async run(context: LabContext): Promise<ExperimentResult> {
    const { gpu, dataset, configuration, folder, say } = context;
    const { seed, width, dropout, imbalance, maxPerClass, testPerClass } = configuration;
    const { classNames } = dataset;

    const tail = longTail(dataset.train.labels, {
      classes: classNames.length,
      max: maxPerClass,
      ratio: imbalance,
      seed,
    });
    for (const note of tail.notes) say(note);
    say(
      formatTable(
        ['class', 'training images'],
        classNames.map((name, c) => [name, tail.counts[c]]),
      ),
    );
    say(
      `${tail.indices.length} training images; the largest class has ${tail.measuredRatio.toFixed(1)} times those of the smallest.`,
    );
    await folder.writeFigure(
      classDistribution({ classNames, counts: tail.counts, title: 'Training images per class' }),
    );

    const model = new CustomCNN(gpu, { width, dropout, classes: classNames.length, channels: dataset.channels, seed });
    say(`${model}`);
    const { totals } = summarize(model, [1, dataset.height, dataset.width, dataset.channels]);

    const train = new BatchSource(gpu, dataset, dataset.train, tail.indices);
    const test = new BatchSource(gpu, dataset, dataset.test, firstOfEachClass(dataset.test.labels, testPerClass));
    const { finished, training, evaluation, timings } = await trainAndEvaluate(context, {
      name: 'ps1',
      model,
      train,
      test,
    });
    await folder.writeCsv(
      'history.csv',
      ['epoch', 'loss', 'accuracy', 'seconds'],
      training.history.map((record, i) => ({ ...record, seconds: training.epochSeconds[i].toFixed(2) })),
    );
    const results = {
      classNames,
      trainingCounts: tail.counts,
      measuredRatio: tail.measuredRatio,
      notes: tail.notes,
      model: { name: 'CustomCNN', width, ...totals },
      history: training.history,
    };
    if (!finished || evaluation === undefined) return { finished: false, results, timings };

    const { history } = training;
    await folder.writeFigure(
      trainingCurves({
        runs: [{ name: 'CustomCNN', loss: history.map((e) => e.loss), accuracy: history.map((e) => e.accuracy) }],
      }),
    );
    await folder.writeFigure(
      confusionMatrix({
        classNames,
        matrix: evaluation.metrics.confusion,
        title: `Confusion matrix on ${test.count} balanced test images`,
      }),
    );
    return { finished: true, results: { ...results, test: { loss: evaluation.loss, ...evaluation.metrics } }, timings };
  },
};
