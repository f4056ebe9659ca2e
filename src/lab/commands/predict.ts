import { dirname, join } from 'node:path';
import { softmax } from '../../autograd/ops/softmax.ts';
import { BatchSource } from '../../data/batch_source.ts';
import type { ImageDataset } from '../../data/image_dataset.ts';
import { classNamesOf } from '../../data/sources/class_names.ts';
import { decodeImage, sideBySide } from '../../data/sources/own/decode_image.ts';
import { type FoundImage, findImages } from '../../data/sources/own/found_images.ts';
import { OWN_IMAGES_DEFAULTS } from '../../data/sources/own/own_images.ts';
import { passedOver } from '../../data/sources/own/walk_images.ts';
import { gradCam, lastSpatialLayer } from '../../inspect/grad_cam.ts';
import type { ImageClassifier } from '../../nn/models/image_classifier.ts';
import type { ModelName } from '../../nn/models/index.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { inferRows } from '../../train/inference.ts';
import { heatOverlay } from '../plots/heat_overlay.ts';
import { imagePng } from '../plots/png.ts';
import { DONE, FAILED, STOPPED } from '../run/exit_codes.ts';
import { withRecorded } from '../run/recorded_network.ts';
import { applyVerification } from '../run/verification.ts';
import { checkNormalisation, namedModel, networkFrom, readWeightsFile } from '../run/weights_file.ts';
import { Progress } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';

export interface PredictOptions {
  /** File of weights. */
  weights: string;
  /** As the file of weights records them where left out. */
  model?: ModelName;
  width?: number;
  classes?: string[];
  imageSize?: number;
  /** What transparent pixels are laid on; see `decodeImage`. */
  background?: string;
  mean?: number[];
  std?: number[];
  /** Classes to tell of each image, the most probable first. */
  top: number;
  csv?: boolean;
  json?: boolean;
  /** Folder for overlays. */
  gradCam?: string;
  batchSize: number;
  adapter?: string;
  /** Version of the kernels to take wherever it can run. Default: by the kind of adapter. */
  rung?: RungName;
  signal: AbortSignal;
}

/** What is said of an image. */
interface Prediction {
  image: string;
  /** The most probable first. */
  classes: { name: string; probability: number }[];
}

/** Images that are decoded and looked at in one go: so many are in memory, however many there are. */
const BLOCK = 512;

/** Images are decoded as RGB. */
const CHANNELS = 3;

/** Pixels of an overlay's side: that of the network's images is too small to look at. */
const OVERLAY_SIZE = 256;

/**
 * Says what a network sees in images: files, and folders with all below them. An image that cannot be decoded is named, and the others go on.
 *
 * @returns the exit code: 0 where all were told, 1 where some could not be, 130 where it was stopped
 */
export async function runPredict(paths: readonly string[], options: PredictOptions): Promise<number> {
  const { csv = false, json = false, top, signal, gradCam: overlays } = options;
  const { images, passedOver: others } = await findImages(paths);
  for (const note of passedOver(others)) console.error(note);
  if (images.length === 0) throw new UserError(`There are no images in ${paths.join(', ')}.`);
  if (overlays !== undefined) await makeFolder(overlays);
  const network = await openNetwork(options);
  const progress = images.length > BLOCK ? new Progress('predicting', images.length) : undefined;
  const told: (Prediction | { image: string; error: string })[] = [];
  let failed = false;
  if (csv) console.log(csvRow(['image', ...ranks(top).flatMap((rank) => [`class_${rank}`, `probability_${rank}`])]));
  try {
    for (let first = 0; first < images.length; first += BLOCK) {
      const block = images.slice(first, first + BLOCK);
      const { decoded, errors } = await decodeBlock(block, network, signal);
      for (const [{ path }, error] of errors) console.error(`wgrad: ${path} cannot be decoded: ${error}.`);
      failed ||= errors.size > 0;
      const predictions = await network.predict(decoded);
      let at = 0;
      for (const image of block) {
        const error = errors.get(image);
        if (error !== undefined) {
          told.push({ image: image.path, error });
          continue;
        }
        const prediction = { image: image.path, classes: predictions[at++] };
        if (json) told.push(prediction);
        else console.log(csv ? csvRow(cells(prediction)) : line(prediction));
      }
      progress?.update(first + block.length, [`${first + block.length} of ${images.length} images`]);
    }
    if (json) console.log(JSON.stringify(told));
    return failed ? FAILED : DONE;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return STOPPED;
  } finally {
    progress?.stop();
    network.gpu.close();
  }
}

/** Those of some images that could be decoded, in their order, and why the others could not. */
async function decodeBlock(
  block: readonly FoundImage[],
  { dataset, background }: Pick<Network, 'dataset' | 'background'>,
  signal: AbortSignal,
) {
  const bytes = new Map<FoundImage, Uint8Array>();
  const errors = new Map<FoundImage, string>();
  await sideBySide(
    block.length,
    async (i) => {
      const pixels = await decodeImage(block[i].path, dataset.height, { background }).catch((error: Error) => error);
      if (pixels instanceof Error) errors.set(block[i], pixels.message);
      else bytes.set(block[i], pixels);
    },
    signal,
  );
  const decoded = block.flatMap((image) => (bytes.has(image) ? [{ image, pixels: bytes.get(image)! }] : []));
  return { decoded, errors };
}

type Decoded = Awaited<ReturnType<typeof decodeBlock>>['decoded'];

/** A network from its file, and what its images are like. Throws UserError where neither the file nor an option says it. */
async function openNetwork(options: PredictOptions) {
  const { adapter, rung } = options;
  const { weights, recorded } = await readWeightsFile(options.weights);
  const asked = withRecorded(options, recorded, options.weights);
  const { width, mean, std, classes: classNames = classNamesOf(recorded?.data ?? '') } = asked;
  const name = namedModel(asked.model, options.weights);
  const imageSize = asked.imageSize ?? OWN_IMAGES_DEFAULTS.imageSize;
  if (classNames === undefined || mean === undefined || std === undefined) {
    const missing = classNames === undefined ? 'classes' : mean === undefined ? 'mean' : 'std';
    throw new UserError(`The weights ${options.weights} do not say their ${missing}; give it with --${missing}.`);
  }
  checkNormalisation({ mean, std }, CHANNELS);
  const gpu = await openDevice({ adapter, rung });
  try {
    await applyVerification(gpu);
    const known = { classes: classNames.length, channels: CHANNELS, width, imageSize };
    const model = networkFrom(gpu, { path: options.weights, weights }, name, known);
    const empty = { images: new Uint8Array(0), labels: new Uint8Array(0) };
    const dataset: ImageDataset = {
      ...{ name: 'images', classNames, height: imageSize, width: imageSize, channels: CHANNELS },
      ...{ train: empty, test: empty, mean, std, source: '' },
    };
    const background = options.background ?? recorded?.reading?.background;
    const predict = (decoded: Decoded) => predictBlock({ gpu, model, dataset, background }, decoded, options);
    return { gpu, dataset, background, predict };
  } catch (error) {
    gpu.close();
    throw error;
  }
}

interface Network {
  gpu: Gpu;
  model: ImageClassifier;
  dataset: ImageDataset;
  background: string | undefined;
}

async function predictBlock(
  { gpu, model, dataset, background }: Network,
  decoded: Decoded,
  { top, batchSize, signal, gradCam: overlays }: PredictOptions,
): Promise<Prediction['classes'][]> {
  if (decoded.length === 0) return [];
  const each = decoded[0].pixels.length;
  const images = new Uint8Array(decoded.length * each);
  for (const [i, { pixels }] of decoded.entries()) images.set(pixels, i * each);
  const source = new BatchSource(gpu, dataset, { images, labels: new Uint32Array(decoded.length) });
  const { values, columns } = await inferRows({ gpu, model, source, batchSize, signal }, (batch) =>
    softmax(model.call(batch)),
  );
  if (overlays !== undefined) {
    await drawOverlays({ gpu, model, source, decoded, background, folder: overlays, batchSize, signal });
  }
  return decoded.map((_, i) => topClasses(values.subarray(i * columns, (i + 1) * columns), dataset.classNames, top));
}

function topClasses(probabilities: Float32Array, classNames: readonly string[], top: number): Prediction['classes'] {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  return order.slice(0, top).map((c) => ({ name: classNames[c], probability: probabilities[c] }));
}

interface Overlays {
  gpu: Gpu;
  model: ImageClassifier;
  source: BatchSource;
  decoded: Decoded;
  background: string | undefined;
  folder: string;
  batchSize: number;
  signal: AbortSignal;
}

/** Writes each image under the map of what spoke for its most probable class, as FOLDER/NAME.png. */
async function drawOverlays({
  gpu,
  model,
  source,
  decoded,
  background,
  folder,
  batchSize,
  signal,
}: Overlays): Promise<void> {
  const layer = lastSpatialLayer(model);
  for (let first = 0; first < decoded.length; first += batchSize) {
    signal.throwIfAborted();
    const batch = decoded.slice(first, first + batchSize);
    const positions = Uint32Array.from(batch, (_, i) => first + i);
    const { maps } = await gpu.scope(() => gradCam({ gpu, model, layer, images: source.plain(positions).images }));
    await sideBySide(batch.length, async (i) => {
      const { path, name } = batch[i].image;
      const large = await decodeImage(path, OVERLAY_SIZE, { background });
      const file = join(folder, name.endsWith('.png') ? name : `${name}.png`);
      await makeFolder(dirname(file));
      const overlay = heatOverlay(large, [OVERLAY_SIZE, OVERLAY_SIZE, 3], maps[i]);
      await writeFileAtomically(file, imagePng(overlay, OVERLAY_SIZE, OVERLAY_SIZE, 3));
    });
  }
}

const ranks = (top: number) => Array.from({ length: top }, (_, i) => i + 1);

function line({ image, classes }: Prediction): string {
  return [image, ...classes.map(({ name, probability }) => `${name} ${percent(probability)}`)].join('  ');
}

function cells({ image, classes }: Prediction): string[] {
  return [image, ...classes.flatMap(({ name, probability }) => [name, probability.toFixed(6)])];
}

/** Cells as a line of comma-separated values, in quotes where they need them (RFC 4180). */
function csvRow(values: readonly string[]): string {
  return values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
}
