import { type ImageDataset, isKnown } from '../../data/image_dataset.ts';
import { longTailedData, type TrainingData } from '../../data/training_data.ts';
import { openDevice } from '../../node.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { buildData, type Recipe } from '../../train/recipe.ts';
import { readingOf } from '../run/data_fields.ts';
import { adapterLine, dataLines, describeData } from '../run/describe_results.ts';
import { applyRungs } from '../run/rung_cache.ts';
import { configureTraining, type GivenTraining, givenRecipe } from '../run/train_results.ts';
import { applyVerification } from '../run/verification.ts';
import { checkData, chooseDataset, recordedData } from './choose_dataset.ts';

/** What a training is made of, for commands that leave no run. */
export interface TrainingInput extends GivenTraining {
  /** A name, or where images of one's own are. */
  data?: string;
  dataDir?: string;
  adapter?: string;
  /** Most bytes of images that are kept on the device. */
  imageMemory?: number;
  /** Version of the kernels to take wherever it can run. Default: as measured on the adapter. */
  rung?: RungName;
  signal: AbortSignal;
}

/** A training that can begin: its device, whose generator stands where `wgrad train` begins, and what it trains on. Whoever opens it closes `gpu`. */
export interface OpenTraining {
  gpu: Gpu;
  dataset: ImageDataset;
  /** Name of the data, or where it is. */
  dataName: string;
  recipe: Recipe;
  data: TrainingData;
}

/**
 * Opens a device and the data of a training as `wgrad train` does, and says what they are. Undefined where it was stopped meanwhile. Throws UserError for a
 * recipe or data that cannot be.
 */
export async function openTraining(
  input: TrainingInput,
  say: (text: string) => void,
): Promise<OpenTraining | undefined> {
  const { adapter, imageMemory, rung, dataDir, signal } = input;
  checkData(input.data);
  const natural = input.data !== undefined && !isKnown(input.data);
  // A recipe that cannot be is known before the data is read, which may take long.
  const { seed } = givenRecipe(input, { natural });
  const gpu = await openDevice({ adapter, imageMemory, seed, rung });
  try {
    say(adapterLine(gpu));
    await applyRungs(gpu, { earlier: undefined, say });
    await applyVerification(gpu, { say });
    const dataset = await chooseDataset({ ...readingOf(input), name: input.data, dataDir, signal, say });
    say(`Data: ${dataset.name}, ${dataset.source}`);
    const configuration = configureTraining(input, recordedData(input.data ?? dataset.name), dataset);
    const { recipe } = configuration;
    const all = longTailedData(gpu, dataset, { ...configuration, seed });
    for (const line of dataLines(describeData(dataset, all))) say(line);
    const data = buildData(recipe, all);
    gpu.generator = new Philox(seed).state();
    return { gpu, dataset, dataName: configuration.data, recipe, data };
  } catch (error) {
    gpu.close();
    if (!signal.aborted || error !== signal.reason) throw error;
    return undefined;
  }
}
