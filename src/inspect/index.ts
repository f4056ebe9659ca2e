// Looking into a training; all of it runs in a browser too.
export type { CauseName } from './diagnose/cause.ts';
export { type Figure, figuresOf, formatFindings } from './diagnose/describe.ts';
export { diagnose, Finding } from './diagnose/diagnose.ts';
export type { StepOutcome } from './diagnose/loss_log.ts';
export { type OverfitTask, type Overfitting, overfitBatch } from './diagnose/overfit_batch.ts';
export type {
  EvaluatingNorm,
  LayerSample,
  LossWindow,
  ParameterSample,
  StepSample,
  TrainingHistory,
} from './diagnose/training_history.ts';
export { TrainingMonitor, type TrainingMonitorOptions } from './diagnose/training_monitor.ts';
