// Kernels to write, and what tells whether they are right: for a command line or a page.
export { type CheckOptions, type CheckResult, checkExercise, EndlessKernelError } from './check.ts';
export type {
  CaseArray,
  Exercise,
  ExerciseCase,
  Expected,
  Hole,
  HouseKernel,
  Meaning,
  SpeedCase,
} from './exercise.ts';
export { EXERCISES } from './exercises/index.ts';
export type { Finding } from './finding.ts';
export { checkReport, walkReport } from './report.ts';
export type { HouseSpeed, Speed } from './speed.ts';
export { type Step, StepperError } from './stepper.ts';
export { templateOf } from './template.ts';
export { type Walk, type WrittenElement, walkInvocation } from './walk.ts';
