import { type ClassFeatures, closestClasses } from '../../metrics/class_features.ts';
import type { ClusteringQuality } from '../../metrics/clustering.ts';
import { rowNormalized } from '../../metrics/confusion.ts';
import type { Features } from '../features/extract_features.ts';
import { type Block, finding } from '../run/blocks.ts';
import type { LabContext } from '../run/experiment.ts';
import type { TrainedModel } from '../run/trained_model.ts';
import { listed, percent } from '../terminal/text_table.ts';
import type { Embedding } from './embeddings.ts';

/** A trained network and what its last layers decide by. */
export interface FeatureStudy {
  name: string;
  trained: TrainedModel;
  features: Features;
  quality: ClusteringQuality;
}

/** Three decimals, with a minus sign that is one. */
export function decimal(value: number): string {
  return value.toFixed(3).replace('-', '−');
}

/** Which network's features separate the classes best, by the three scores. */
export function networkFindings(studies: readonly FeatureStudy[]): Block[] {
  const ranked = [...studies].sort((a, b) => b.quality.silhouette - a.quality.silhouette);
  if (ranked.length < 2) return [];
  const [best, ...others] = ranked;
  const rest = listed(others.map(({ name, quality }) => `${decimal(quality.silhouette)} (${name})`));
  const winners = [
    ['Davies–Bouldin', [...studies].sort((a, b) => a.quality.daviesBouldin - b.quality.daviesBouldin)[0]],
    ['Calinski–Harabasz', [...studies].sort((a, b) => b.quality.calinskiHarabasz - a.quality.calinskiHarabasz)[0]],
  ] as const;
  const dissent = winners.filter(([, winner]) => winner !== best);
  const verdict =
    dissent.length === 0
      ? 'Davies–Bouldin and Calinski–Harabasz agree.'
      : `${listed(dissent.map(([score, winner]) => `${score} favours ${winner.name}`))}.`;
  return [
    finding(
      `By silhouette the features of ${best.name} separate the classes best: ${decimal(best.quality.silhouette)} against ${rest}. ${verdict}`,
    ),
  ];
}

/** Which classes lie apart, whether rare ones do less, and what the closest two have to do with errors. */
export function classFindings(
  { data }: LabContext,
  { name, features, trained }: FeatureStudy,
  perClass: readonly ClassFeatures[],
): Block[] {
  const { classNames, classes, counts } = data;
  const known = perClass.flatMap(({ silhouette }, c) => (silhouette === null ? [] : [{ c, silhouette }]));
  if (known.length < 2) return [];
  const bySilhouette = [...known].sort((a, b) => b.silhouette - a.silhouette);
  const [best, worst] = [bySilhouette[0], bySilhouette[bySilhouette.length - 1]];
  const found = [
    finding(
      `Among the features of ${name}, ${classNames[best.c]} lies best apart (silhouette ${decimal(best.silhouette)}) and ${classNames[worst.c]} worst (${decimal(worst.silhouette)}).`,
    ),
  ];
  const bySize = [...known].sort((a, b) => counts[b.c] - counts[a.c]);
  const half = Math.floor(bySize.length / 2);
  const mean = (of: typeof known) => of.reduce((sum, { silhouette }) => sum + silhouette, 0) / of.length;
  const [frequent, rare] = [mean(bySize.slice(0, half)), mean(bySize.slice(-half))];
  const verdict =
    rare < frequent ? 'lie less apart' : rare > frequent ? 'lie further apart' : 'lie as far apart as frequent ones';
  found.push(
    finding(
      `${half === 1 ? 'The class with the most training images has' : `The ${half} classes with the most training images have`} a mean silhouette of ${decimal(frequent)}, the ${half === 1 ? 'one' : half} with the fewest ${decimal(rare)}: rare classes ${verdict}.`,
    ),
  );
  const closest = closestClasses({ features: features.values, ...features }, classes);
  if (closest) {
    const { a, b } = closest;
    const rates = rowNormalized(trained.evaluation.metrics.confusion);
    found.push(
      finding(
        `The means of ${classNames[a]} and ${classNames[b]} lie closest; the network takes ${classNames[a]} for ${classNames[b]} in ${percent(rates[a][b])} of its test images, and ${classNames[b]} for ${classNames[a]} in ${percent(rates[b][a])}.`,
      ),
    );
  }
  return found;
}

/** Which map can be trusted most, and what two components hold. */
export function embeddingFindings(embeddings: readonly Embedding[]): Block[] {
  const ranked = [...embeddings].sort((a, b) => b.trust - a.trust);
  const [best, ...others] = ranked;
  const rest = listed(others.map(({ id, trust }) => `${decimal(trust)} (${LABELS[id]})`));
  return [
    finding(
      `Of the maps, ${LABELS[best.id]} keeps neighbourhoods best: trustworthiness ${decimal(best.trust)} against ${rest}.`,
    ),
  ];
}

const LABELS: Record<Embedding['id'], string> = { tsne: 't-SNE', pca: 'PCA', umap: 'UMAP' };
