// Training a network: what runs in a browser too. `node.ts` adds checkpoints in files.
export type { BestEpoch, EpochChoice, Watched } from './best_epoch.ts';
export {
  type Checkpointed,
  type CheckpointFile,
  decodeCheckpoint,
  encodeCheckpoint,
  type ScheduleState,
  type TrainingPosition,
} from './checkpoint.ts';
export { type ClassGroups, groupsByConfusion } from './decisions/class_groups.ts';
export { fitClassThresholds, type ThresholdSamples, withClassThresholds } from './decisions/class_thresholds.ts';
export { type ImageView, TEST_TIME_VIEWS, viewOf } from './decisions/image_view.ts';
export { meanProbabilities } from './decisions/mean_probabilities.ts';
export { acceptedAt, type CoveragePoint, coverageCurve, thresholdForCoverage } from './decisions/rejection.ts';
export { type TwoStages, twoStageProbabilities } from './decisions/two_stage.ts';
export type { EpochRecord, ValidationRecord } from './epoch_record.ts';
export { type Evaluation, evaluate, evaluationOf, NonFiniteOutput } from './evaluation.ts';
export { type InferenceTask, inEvaluationMode, inferRows } from './inference.ts';
export { cutEpoch, type EpochCut, stepsPerEpoch } from './last_batch.ts';
export {
  buildAugmentation,
  buildData,
  buildLoss,
  buildModel,
  buildOptimizer,
  buildSampler,
  buildSchedule,
  buildSource,
  completeRecipe,
  type Recipe,
  recipeName,
  recipeSchema,
} from './recipe.ts';
export { RECIPE_FIELD_NAMES, RECIPE_FIELDS, type RecipeField, type RecipeFieldName } from './recipe_fields.ts';
export { recipeTask } from './recipe_task.ts';
export {
  normalizeLastLayer,
  ScaledClassifier,
  SECOND_STAGES,
  withNewLastLayer,
} from './second_stage.ts';
export { train } from './trainer.ts';
export {
  type Objective,
  type Training,
  TrainingDiverged,
  type TrainingProgress,
  type TrainingStepOutcome,
  type TrainingTask,
} from './training_task.ts';
