import { isKnown } from '../../data/image_dataset.ts';
import { OWN_IMAGES_DEFAULTS } from '../../data/sources/own/own_images.ts';
import type { NetworkForm } from '../../nn/models/image_classifier.ts';
import { type ModelName, TWO_FORMS } from '../../nn/models/index.ts';
import { UserError } from '../../runtime/errors.ts';
import type { FineTuning } from '../run/fine_tuning_fields.ts';
import { IMAGENET_KERNEL } from '../run/network_of_weights.ts';
import { withRecorded } from '../run/recorded_network.ts';
import type { GivenTraining } from '../run/train_results.ts';
import { checkNormalisation, namedModel, type WeightsFile } from '../run/weights_file.ts';

/** What may be given of a training's beginning. */
export interface GivenBeginning extends GivenTraining, Partial<Omit<FineTuning, 'weights'>> {
  /** A name, or where images of one's own are. */
  data?: string;
}

/** Options that say something of weights alone. */
const OF_WEIGHTS = { freeze: '--freeze', headLr: '--head-lr', mean: '--mean', std: '--std' } as const;

/** Height and width of the lab's images where they are not one's own. */
const KNOWN_SIZE = 32;
/** Height and width from which on a network has the form for large images, where its weights have it. */
const LARGE = 64;
const CHANNELS = 3;

/**
 * What was given of a training, with what a file of weights says of its network and images, and with `fineTuning`, by which it is known.
 * @throws UserError where the file says otherwise or does not say which network it is of, and, without a file, for what says nothing then.
 */
export function startingFrom<Given extends GivenBeginning>(
  given: Given,
  file: WeightsFile | undefined,
): Given & GivenBeginning {
  if (file === undefined) {
    const idle = (['freeze', 'headLr', 'mean', 'std'] as const).find((name) => given[name] !== undefined);
    if (idle === undefined) return given;
    throw new UserError(`${OF_WEIGHTS[idle]} says how to go on from weights; give their file with --weights as well.`);
  }
  const { path, recorded, sha256: weights } = file;
  const asked = withRecorded({ model: given.model, width: given.width }, recorded, path);
  const model = namedModel(asked.model, path);
  const { freeze, headLr, mean = recorded?.mean, std = recorded?.std } = given;
  checkNormalisation({ mean, std }, CHANNELS);
  const form = given.form ?? formOf(file, model, given);
  return { ...given, model, width: asked.width, form, fineTuning: { weights, freeze, headLr, mean, std } };
}

/** That for large images where the weights have it and the images are large; else the network's own. */
function formOf(
  { weights }: WeightsFile,
  model: ModelName,
  { data, imageSize = OWN_IMAGES_DEFAULTS.imageSize }: GivenBeginning,
): NetworkForm | undefined {
  const size = data === undefined || isKnown(data) ? KNOWN_SIZE : imageSize;
  const kernel = weights.get('conv1.weight')?.shape[2];
  return TWO_FORMS.includes(model) && kernel === IMAGENET_KERNEL && size >= LARGE ? 'imagenet' : undefined;
}
