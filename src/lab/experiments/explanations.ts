import { firstOfEachClass } from '../../data/first_of_each_class.ts';
import { asImageClassifier } from '../../nn/models/image_classifier.ts';
import { type GradCam, gradCam, lastSpatialLayer } from '../features/grad_cam.ts';
import { type Figure, heatOverlayGrid, MEANING } from '../plots/index.ts';
import type { LabContext } from '../run/experiment.ts';
import type { TrainedModel } from '../run/trained_model.ts';
import { percent } from '../terminal/text_table.ts';

/** Images in a row of the figure. */
const IMAGES = 8;

/** Where a network looked in some test images to arrive at its predictions. */
export interface Explanation {
  /** Of the network. */
  name: string;
  layer: string;
  /** [N] where the images stand in the test source. */
  positions: Uint32Array;
  /** [N] */
  labels: number[];
  /** [N] probability of the predicted class. */
  confidence: number[];
  cam: GradCam;
}

/** Grad-CAM of the predicted class on the first test image of each of the first eight classes; of fewer classes on more images of each. */
export async function explain(context: LabContext, name: string, trained: TrainedModel): Promise<Explanation> {
  const { gpu, data } = context;
  const { evaluation } = trained;
  const { test, classes } = data;
  const positions = firstOfEachClass(test.labels, Math.ceil(IMAGES / classes))
    .sort((a, b) => test.labels[a] - test.labels[b] || a - b)
    .subarray(0, IMAGES);
  const predicted = Array.from(positions, (at) => evaluation.predictions[at]);
  const { layer, cam } = await trained.withModel(async (trainedModel) => {
    const model = asImageClassifier(trainedModel);
    const layer = lastSpatialLayer(model);
    const cam = await gpu.scope(() =>
      gradCam({ gpu, model, layer, images: test.plain(positions).images, classes: predicted }),
    );
    return { layer, cam };
  });
  return {
    ...{ name, layer, positions, cam },
    labels: Array.from(positions, (at) => test.labels[at]),
    confidence: Array.from(positions, (at, i) => evaluation.probabilities[at * classes + predicted[i]]),
  };
}

/** The images above, the same under their maps below. */
export function explanationFigure({ dataset, data }: LabContext, explanation: Explanation): Figure {
  const { name, layer, positions, labels, confidence, cam } = explanation;
  const { height, width, channels } = dataset;
  const bytes = height * width * channels;
  const images = new Uint8Array(positions.length * bytes);
  for (const [i, at] of positions.entries()) {
    const first = data.testPositions[at] * bytes;
    images.set(dataset.test.images.subarray(first, first + bytes), i * bytes);
  }
  const { height: rows, width: columns } = cam.maps[0];
  return heatOverlayGrid({
    name: `grad_cam_${slug(name)}`,
    title: `Where ${name} looks (Grad-CAM)`,
    caption: `Test images above; below, over the same images, how much each place spoke for the predicted class, from blue (0) to red (the most in that image). Maps of ${rows} × ${columns} places from the output of '${layer}', resized bilinearly.${blind(cam)}`,
    heatName: 'Grad-CAM',
    images,
    shape: [positions.length, height, width, channels],
    heats: cam.maps,
    captions: cam.classes.map((predicted, i) => [
      `true ${data.classNames[labels[i]]}`,
      ...[`predicted ${data.classNames[predicted]}`, `confidence ${percent(confidence[i])}`].map((text) => ({
        text,
        colour: predicted === labels[i] ? MEANING.correct : MEANING.wrong,
      })),
    ]),
  });
}

/** For results.json: a row for each image. */
export function explanationResults({ layer, positions, labels, confidence, cam }: Explanation) {
  return {
    layer,
    images: Array.from(positions, (position, i) => ({
      position,
      label: labels[i],
      predicted: cam.classes[i],
      confidence: confidence[i],
      shareAboveHalf: shareAboveHalf(cam.maps[i].values),
    })),
  };
}

/** Share of a map's places with more than half of its maximum. */
function shareAboveHalf(map: Float32Array): number {
  return map.filter((value) => value > 0.5).length / map.length;
}

/** A sentence on maps that are all 0. */
function blind({ maps }: GradCam): string {
  const count = maps.filter(({ values }) => values.every((value) => value === 0)).length;
  if (count === 0) return '';
  return ` In ${count} of them no place speaks for the class, so the map is 0 all over.`;
}

/** A name as part of a file's name. */
function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}
