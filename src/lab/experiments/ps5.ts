import { type ClassFeatures, classFeatures } from '../../metrics/class_features.ts';
import { clusteringQuality } from '../../metrics/clustering.ts';
import { leadingScores, SCORE_LABELS, scoresOf } from '../../metrics/scores.ts';
import { asImageClassifier } from '../../nn/models/image_classifier.ts';
import { extractFeatures, type Features } from '../features/extract_features.ts';
import { answerSignals } from '../run/answer_signals.ts';
import { type Block, paragraph, table } from '../run/blocks.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { explain, explanationFigure, explanationResults } from '../run/explanation.ts';
import type { TrainedModel } from '../run/trained_model.ts';
import { Progress } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';
import { type Embedding, embed, embeddingFigure } from './embeddings.ts';

import { architectures } from './ps3.ts';
import { classFindings, decimal, embeddingFindings, type FeatureStudy, networkFindings } from './ps5_findings.ts';
import { caveat } from './score_findings.ts';
import { unlikeNote } from './training_terms.ts';

/** Images at once: enough for a wide network to keep a device busy. */
const BATCH = 100;

/** PS5, features and visualisation: what the networks of PS3 see in test images, mapped, measured, and traced back to the pixels. */
export const ps5: Experiment = {
  id: 'ps5',
  title: 'Features and visualisation',
  question: 'How do the trained networks arrange the test images by class, and where in an image do they look?',
  trainings: architectures,

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const { data, configuration, signal } = context;
    const studies: FeatureStudy[] = [];
    for (const { name, recipe } of architectures(configuration)) {
      studies.push(await study(context, name, await context.trained(recipe)));
    }
    // The lab's own network is looked at closely; the others are measured beside it.
    const [own] = studies;
    const embeddings = await embed(context, own.features);
    await answerSignals(signal);
    const perClass = classFeatures(clustersOf(own.features), data.classes);
    const figures: Block[] = [];
    for (const embedding of embeddings) {
      await answerSignals(signal);
      figures.push(await context.figure(embeddingFigure(embedding, own.features, own.name, data.classNames)));
    }
    const explanations = [];
    for (const { name, trained } of studies) {
      await answerSignals(signal);
      const { evaluation } = trained;
      const explanation = await trained.withModel((model) =>
        explain({ data, name, model: asImageClassifier(model), evaluation }),
      );
      explanations.push(explanation);
      figures.push(await context.figure(explanationFigure(explanation, data.classNames)));
    }
    const { positions, dimensions } = own.features;
    return {
      results: {
        images: positions.length,
        networks: Object.fromEntries(
          studies.map(({ name, trained, features, quality }) => [
            name,
            { key: trained.key, dimensions: features.dimensions, ...quality },
          ]),
        ),
        embeddings: Object.fromEntries(embeddings.map(({ id, results }) => [id, results])),
        perClass,
        gradCam: Object.fromEntries(explanations.map((one) => [one.name, explanationResults(one)])),
      },
      section: [
        paragraph(
          `The features of an image are what a network's last layers decide by: for ${own.name} the means of its last ${dimensions} channels. They are taken from ${positions.length} test images, as many of each class, with the networks of PS3 in evaluation mode${configuration.seeds > 1 ? `, those trained with seed ${configuration.seed}` : ''}. The maps below show ${own.name}.`,
        ),
        ...figures.slice(0, embeddings.length),
        embeddingTable(embeddings, own),
        paragraph(
          'Each map shows the images as points, near to each other where their features are. t-SNE and UMAP keep neighbours together; how far groups lie from each other and how large they are says little. PCA is a projection: it keeps large distances and hides what differs in other directions.',
        ),
        networkTable(studies, context),
        ...unlikeNote(architectures(configuration)),
        classTable(perClass, own, context),
        ...figures.slice(embeddings.length),
        ...networkFindings(studies),
        ...classFindings(context, own, perClass),
        ...embeddingFindings(embeddings),
        caveat(context),
      ],
    };
  },
};

async function study(context: LabContext, name: string, trained: TrainedModel): Promise<FeatureStudy> {
  const { gpu, data, configuration, signal } = context;
  const progress = new Progress(`ps5 features of ${name}`, Math.min(configuration.features.images, data.test.count));
  const features = await trained
    .withModel((model) =>
      extractFeatures({
        ...{
          gpu,
          model: asImageClassifier(model),
          source: data.test,
          batchSize: BATCH,
          most: configuration.features.images,
          signal,
        },
        onProgress: (done, total) => progress.update(done, [`${done} of ${total} images`]),
      }),
    )
    .finally(() => progress.stop());
  await answerSignals(signal);
  return { name, trained, features, quality: clusteringQuality(clustersOf(features)) };
}

/** Features as the clustering scores take them. */
function clustersOf({ values, dimensions, labels }: Features) {
  return { features: values, dimensions, labels };
}

function embeddingTable(embeddings: readonly Embedding[], { features, quality }: FeatureStudy): Block {
  return table(
    'How well the maps keep what the features hold. Trustworthiness: 1 where the twelve nearest points on the map are the nearest in the features too. Silhouette: how well points lie among their own class, −1 to 1, beside that of the features themselves.',
    ['', 'dimensions', 'trustworthiness', 'silhouette of the classes'],
    [
      ...embeddings.map(({ name, trust, silhouette }) => [name, 2, decimal(trust), decimal(silhouette)]),
      ['features', features.dimensions, decimal(1), decimal(quality.silhouette)],
    ],
  );
}

function networkTable(studies: readonly FeatureStudy[], { data }: LabContext): Block {
  const { overall } = leadingScores(data.testIsImbalanced);
  return table(
    'How well the features of each network separate the classes. Silhouette: −1 to 1, higher is better. Davies–Bouldin: from 0, lower is better. Calinski–Harabasz: from 0, higher is better, comparable between networks of the same number of images.',
    ['', 'features', 'silhouette', 'Davies–Bouldin', 'Calinski–Harabasz', SCORE_LABELS[overall]],
    studies.map(({ name, features, quality, trained }) => [
      name,
      features.dimensions,
      decimal(quality.silhouette),
      quality.daviesBouldin.toFixed(2),
      quality.calinskiHarabasz.toFixed(1),
      percent(scoresOf(trained.evaluation.metrics)[overall]),
    ]),
  );
}

function classTable(perClass: readonly ClassFeatures[], { name, trained }: FeatureStudy, { data }: LabContext): Block {
  const shown = (value: number | null) => (value === null ? null : decimal(value));
  return table(
    `The features of ${name} by class, the class with the most training images first. Norm of the mean: the length of the class's mean feature vector. Spread: the standard deviation of a feature within the class, its mean over the features.`,
    ['class', 'training images', 'samples', 'norm of the mean', 'spread', 'silhouette', 'recall'],
    perClass
      .map(({ samples, normOfMean, spread, silhouette }, c) => ({
        images: data.counts[c],
        cells: [
          data.classNames[c],
          data.counts[c],
          samples,
          shown(normOfMean),
          shown(spread),
          shown(silhouette),
          percent(trained.evaluation.metrics.perClass[c].recall),
        ],
      }))
      .sort((a, b) => b.images - a.images)
      .map(({ cells }) => cells),
  );
}
