// Looking into a training; all of it runs in a browser too.
export { activationByHand } from './by_hand/activation.ts';
export type { ByHand, Term } from './by_hand/sum.ts';
export { type UpdateLine, updateByHand } from './by_hand/update.ts';
export { gradientByHand } from './by_hand/weight.ts';
export {
  type CheckVerdict,
  type ConformanceOptions,
  type ConformanceReport,
  checkConformance,
} from './conformance/conformance.ts';
export { failedText } from './conformance/describe.ts';
export type { WorstElement } from './conformance/run_kernel_case.ts';
export type { FailedResult, KernelVerdict } from './conformance/verdicts.ts';
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
export type { GradcheckCase } from './gradcheck/gradcheck_case.ts';
export { type KernelTrial, type TrialOptions, type TriedArray, tryKernel } from './kernel_trial.ts';
export { type RecordedStep, recordStep, type StepToRecord, type StepValues } from './record_step.ts';
export { type ShownParameter, type ShownStep, type ShownWeight, shownStep } from './shown_step.ts';
export type {
  DispatchRecord,
  MemorySample,
  ModuleRecord,
  NodeRecord,
  ParameterRecord,
  Source,
  StandingMemory,
  StepRecord,
  TensorStatistics,
} from './step_record.ts';
export { stepTrace } from './step_trace.ts';
export type { Step } from './step_watcher.ts';
