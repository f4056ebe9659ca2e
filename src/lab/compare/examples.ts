import { pick } from '../../data/batch_source.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import type { LongTailedData } from '../../data/training_data.ts';
import { findLastSpatialLayer, gradCam } from '../../inspect/grad_cam.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { type Figure, heatOverlayGrid, imageGrid } from '../plots/index.ts';
import type { Outcome } from './resampled_scores.ts';

/** Images of the grid, and of those the ones that Grad-CAM explains. */
const SHOWN = 12;
const EXPLAINED = 4;

/** Two networks of one seed, what they say of the test images, and these. */
export interface ExampleInput {
  gpu: Gpu;
  dataset: ImageDataset;
  data: LongTailedData;
  baseline: { model: ImageClassifier; outcome: Outcome };
  other: { name: string; model: ImageClassifier; outcome: Outcome };
}

/** Test images that the one network alone gets right, those of small classes first, and where both looked. None where there are none. */
export async function exampleFigures({ gpu, dataset, data, baseline, other }: ExampleInput): Promise<Figure[]> {
  const { labels } = data.test;
  const isRight = ({ predictions }: Outcome, i: number) => predictions[i] === labels[i];
  const gained = [...labels.keys()]
    .filter((i) => isRight(other.outcome, i) && !isRight(baseline.outcome, i))
    .sort((a, b) => data.counts[labels[a]] - data.counts[labels[b]] || a - b);
  const shown = Uint32Array.from(gained.slice(0, SHOWN));
  if (shown.length === 0) return [];
  const { height, width, channels } = dataset;
  const bytesOf = (positions: Uint32Array) => {
    const { images } = pick(
      dataset.test,
      positions.map((i) => data.testPositions[i]),
      dataset,
    );
    return images.subarray(0, images.length);
  };
  const nameOf = (label: number) => data.classNames[label];
  const figures = [
    imageGrid({
      name: 'gained_images',
      title: `Images that only ${other.name} gets right`,
      caption: `${shown.length} of ${gained.length} test images that ${other.name} gets right and the baseline does not (of the first seed), those of the smallest classes first.`,
      images: bytesOf(shown),
      shape: [shown.length, height, width, channels],
      columns: 4,
      captions: Array.from(shown, (i) => [
        `true: ${nameOf(labels[i])}`,
        `baseline: ${nameOf(baseline.outcome.predictions[i])}`,
      ]),
    }),
  ];
  const explained = shown.subarray(0, EXPLAINED);
  for (const [name, model] of [
    ['baseline', baseline.model],
    [other.name, other.model],
  ] as const) {
    const layer = findLastSpatialLayer(model);
    if (layer === undefined) continue;
    const classes = Array.from(explained, (i) => labels[i]);
    const { maps } = await gpu.scope(() =>
      gradCam({ gpu, model, layer, images: data.test.plain(explained).images, classes }),
    );
    figures.push(
      heatOverlayGrid({
        name: `grad_cam_${name.replaceAll('-', '_')}`,
        title: `What spoke for the true class: ${name}`,
        images: bytesOf(explained),
        shape: [explained.length, height, width, channels],
        heats: maps,
        heatName: 'Grad-CAM',
        captions: classes.map((label) => [nameOf(label)]),
      }),
    );
  }
  return figures;
}
