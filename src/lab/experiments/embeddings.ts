import { silhouette } from '../../metrics/clustering.ts';
import { trustworthiness } from '../../metrics/trustworthiness.ts';
import type { Features } from '../features/extract_features.ts';
import { pca } from '../features/pca.ts';
import { tsne } from '../features/tsne.ts';
import { umap } from '../features/umap.ts';
import { embeddingScatter, type Figure } from '../plots/index.ts';
import { answerSignals } from '../run/answer_signals.ts';
import type { LabContext } from '../run/experiment.ts';
import { Progress } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';

/** Features in two dimensions. */
export interface Embedding {
  id: 'tsne' | 'pca' | 'umap';
  name: string;
  /** [N, 2] */
  points: Float32Array;
  /** Labels of the axes. */
  axes: readonly [string, string];
  /** What is said of it in its figure, as a sentence. */
  note: string;
  /** How far its neighbourhoods can be trusted, 0 to 1. */
  trust: number;
  /** Of the classes on the map, −1 to 1. */
  silhouette: number;
  /** For programs. */
  results: Record<string, number>;
}

const PERPLEXITY = 30;
const NEIGHBOURS = 15;

/** Maps features by t-SNE, PCA and UMAP. Throws the signal's reason where the run is stopped. */
export async function embed(context: LabContext, features: Features): Promise<Embedding[]> {
  const { gpu, signal, configuration } = context;
  const { tsneIterations, umapEpochs } = configuration.features;
  const input = { features: features.values, dimensions: features.dimensions };
  const count = features.labels.length;
  // A third of the points at most can be the neighbours of one.
  const perplexity = Math.min(PERPLEXITY, (count - 1) / 3);
  const byTsne = await reported('ps5 t-SNE', tsneIterations, (onProgress) =>
    tsne({ gpu, ...input, perplexity, steps: tsneIterations, signal, onProgress }),
  );
  await answerSignals(signal);
  const { points, explainedVarianceRatio } = pca(input);
  await answerSignals(signal);
  const [first, second] = explainedVarianceRatio;
  const neighbours = Math.min(NEIGHBOURS, count - 1);
  const byUmap = await reported('ps5 UMAP', umapEpochs, (onProgress) =>
    umap({ ...input, seed: configuration.seed, neighbours, epochs: umapEpochs, signal, onProgress }),
  );
  const found = [
    {
      id: 'tsne',
      name: 't-SNE',
      points: byTsne.points,
      axes: ['t-SNE 1', 't-SNE 2'],
      note: `Perplexity ${Number(perplexity.toFixed(1))}, ${tsneIterations} steps; the axes have no unit.`,
      results: { perplexity, steps: tsneIterations, divergence: byTsne.divergence },
    },
    {
      id: 'pca',
      name: `PCA, ${percent(first + second)} of the variance`,
      points: Float32Array.from(points),
      axes: [`PC 1 (${percent(first)} of the variance)`, `PC 2 (${percent(second)} of the variance)`],
      note: 'The two directions in which the features vary most, in the units of the features.',
      results: { explainedVarianceRatio1: first, explainedVarianceRatio2: second },
    },
    {
      id: 'umap',
      name: 'UMAP',
      points: byUmap,
      axes: ['UMAP 1', 'UMAP 2'],
      note: `${neighbours} neighbours, ${umapEpochs} rounds; the axes have no unit.`,
      results: { neighbours, epochs: umapEpochs },
    },
  ] as const;
  const embeddings: Embedding[] = [];
  for (const one of found) {
    await answerSignals(signal);
    const trust = trustworthiness({ ...input, points: one.points, neighbours: Math.min(12, Math.ceil(count / 2) - 1) });
    await answerSignals(signal);
    const quality = silhouette({ features: one.points, dimensions: 2, labels: features.labels });
    embeddings.push({
      ...one,
      trust,
      silhouette: quality,
      results: { ...one.results, trustworthiness: trust, silhouette: quality },
    });
  }
  return embeddings;
}

/** The map as a scatter, coloured by class. */
export function embeddingFigure(
  { id, name, points, axes, note, trust }: Embedding,
  { labels }: Features,
  network: string,
  classNames: readonly string[],
): Figure {
  return embeddingScatter({
    name: id,
    title: `Features of ${network} by ${name}`,
    caption: `Features of ${labels.length} test images by ${network}, coloured by true class, each name at the mean of its class. ${note} Trustworthiness ${trust.toFixed(3)}.`,
    ...{ points, labels, classNames, xName: axes[0], yName: axes[1] },
  });
}

/** Shows how far a piece of work is. */
async function reported<R>(
  title: string,
  total: number,
  work: (onProgress: (done: number, total: number) => void) => Promise<R>,
): Promise<R> {
  const progress = new Progress(title, total);
  return work((done) => progress.update(done, [`${done} of ${total} steps`])).finally(() => progress.stop());
}
