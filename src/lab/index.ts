// The lab: experiments of one's own over its shared parts, and the lab's own.

export { type GradCam, type GradCamInput, gradCam, lastSpatialLayer } from '../inspect/grad_cam.ts';
export { type LabOptions, runLab } from './commands/lab.ts';
export {
  type ComparedTraining,
  type Contender,
  compareTrainings,
  comparisonResults,
  curvesOf,
  scoreMatrix,
} from './experiments/compare_trainings.ts';
export { EXPERIMENTS } from './experiments/index.ts';
export { bestFinding, caveat, minorityFinding, points, ranked, recallFinding } from './experiments/score_findings.ts';
export { extractFeatures, type Features, type FeatureTask } from './features/extract_features.ts';
export { type Pca, type PcaInput, pca } from './features/pca.ts';
export { type Tsne, type TsneInput, tsne } from './features/tsne.ts';
export { type UmapInput, umap } from './features/umap.ts';
export { IMPROVEMENTS } from './improvements/index.ts';
export * from './plots/index.ts';
export { RECALL_COLUMNS, type Scored, scoreTable } from './report/score_table.ts';
export { type Block, type Cell, type FigureBlock, finding, paragraph, table } from './run/blocks.ts';
export type { Configuration } from './run/configuration.ts';
export type { ExpectedTraining, Experiment, ExperimentOutcome, LabContext } from './run/experiment.ts';
export { baseRecipe, efficientnetRecipe, resnetRecipe } from './run/lab_recipes.ts';
export type { LabResults } from './run/lab_results.ts';
export type { GivenRecipe, ImageSetting, Own, OwnBuilders } from './run/own_parts.ts';
export { PRESETS, type PresetName } from './run/presets.ts';
export type { Repetition, TrainedModel, TrainingExtras } from './run/trained_model.ts';
