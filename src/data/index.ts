// Images to train on: what runs in a browser too. `node.ts` adds what reads files.
export {
  AUGMENTATION_NAMES,
  type Augmentation,
  type AugmentationName,
  type AugmentationOptions,
  createAugmentation,
} from './augmentation/index.ts';
export type { Mix } from './augmentation/mix.ts';
export { type Batch, BatchSource, pick } from './batch_source.ts';
export { classCounts, classMembers } from './class_counts.ts';
export { firstOfEachClass } from './first_of_each_class.ts';
export { type HoldOut, holdOut } from './hold_out.ts';
export {
  ALL_CHANGES,
  type ClassLabels,
  DATASET_NAMES,
  type DatasetName,
  type ImageBytes,
  type ImageDataset,
  type ImageSplit,
  type KeptChanges,
} from './image_dataset.ts';
export { type ImageForm, toForm } from './image_form.ts';
export { type LongTail, type LongTailOptions, longTail, longTailCounts, stepCounts } from './long_tail.ts';
export { drawForegroundMoves, type ForegroundMove, moveForeground } from './moved_foregrounds.ts';
export { orderedBatches } from './ordered_batches.ts';
export { type ConfusedPairsOptions, confusedPairsSampler } from './samplers/confused_pairs_sampler.ts';
export { type CurriculumOptions, curriculumSampler } from './samplers/curriculum_sampler.ts';
export { fixedLengthSampler } from './samplers/fixed_length_sampler.ts';
export { type HardExampleOptions, hardExampleSampler } from './samplers/hard_examples.ts';
export {
  balancedSampler,
  createSampler,
  SAMPLER_NAMES,
  type SampledSet,
  type Sampler,
  type SamplerName,
} from './samplers/index.ts';
export { randomOversampler } from './samplers/random_oversampler.ts';
export { randomUndersampler } from './samplers/random_undersampler.ts';
export { shuffledSampler } from './samplers/shuffled_sampler.ts';
export { type WeightedSamplerOptions, weightedSampler } from './samplers/weighted_sampler.ts';
export { type SmoteOptions, smoteFeatures, smoteImages } from './smote/smote.ts';
export {
  type LongTailedData,
  type LongTailedDataOptions,
  longTailedData,
  type TrainingData,
} from './training_data.ts';
