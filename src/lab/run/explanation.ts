import { firstOfEachClass } from '../../data/first_of_each_class.ts';
import type { TrainingData } from '../../data/training_data.ts';
import { type GradCam, gradCam, lastSpatialLayer } from '../../inspect/grad_cam.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { Evaluation } from '../../train/evaluation.ts';
import { type Figure, heatOverlayGrid, MEANING } from '../plots/index.ts';
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
  /** Their bytes, [N, H, W, C]. */
  images: Uint8Array;
  shape: readonly [number, number, number, number];
  /** [N] */
  labels: number[];
  /** [N] probability of the predicted class. */
  confidence: number[];
  cam: GradCam;
}

/** What is to be explained. */
export interface ExplanationInput {
  data: TrainingData;
  /** How figures call the network. */
  name: string;
  model: ImageClassifier;
  /** Of the model on the test images. */
  evaluation: Evaluation;
}

/** Grad-CAM of the predicted class on the first test image of each of the first eight classes; of fewer classes on more images of each. */
export async function explain({ data, name, model, evaluation }: ExplanationInput): Promise<Explanation> {
  const { test, classes } = data;
  const positions = firstOfEachClass(test.labels, Math.ceil(IMAGES / classes))
    .sort((a, b) => test.labels[a] - test.labels[b] || a - b)
    .subarray(0, IMAGES);
  const predicted = Array.from(positions, (at) => evaluation.predictions[at]);
  const { gpu } = model.parameters()[0];
  const layer = lastSpatialLayer(model);
  const { cam, images } = await gpu.scope(async () => ({
    cam: await gradCam({ gpu, model, layer, images: test.plain(positions).images, classes: predicted }),
    images: await test.pixels(positions),
  }));
  return {
    ...{ name, layer, positions, images, shape: [positions.length, ...test.imageShape], cam },
    labels: Array.from(positions, (at) => test.labels[at]),
    confidence: Array.from(positions, (at, i) => evaluation.probabilities[at * classes + predicted[i]]),
  };
}

/** The images above, the same under their maps below. */
export function explanationFigure(explanation: Explanation, classNames: readonly string[]): Figure {
  const { name, layer, images, shape, labels, confidence, cam } = explanation;
  const { height: rows, width: columns } = cam.maps[0];
  return heatOverlayGrid({
    name: `grad_cam_${slug(name)}`,
    title: `Where ${name} looks (Grad-CAM)`,
    caption: `Test images above; below, over the same images, how much each place spoke for the predicted class, from blue (0) to red (the most in that image). Maps of ${rows} × ${columns} places from the output of '${layer}', resized bilinearly.${blind(cam)}`,
    heatName: 'Grad-CAM',
    ...{ images, shape },
    heats: cam.maps,
    captions: cam.classes.map((predicted, i) => [
      `true ${classNames[labels[i]]}`,
      ...[`predicted ${classNames[predicted]}`, `confidence ${percent(confidence[i])}`].map((text) => ({
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
