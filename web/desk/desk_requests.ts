import type { KernelTrial } from '../../src/inspect/kernel_trial.ts';

/** A kernel that a step runs. */
export interface KernelOfStep {
  /** As it is dispatched, with the type of its elements where the file leaves it open: 'transpose<vec4f>'. */
  shader: string;
  calls: number;
  /** On the device, of one step. */
  ms: number;
  /** Of the step's time. */
  share: number;
  /** Whether the page has put another in its place. */
  changed: boolean;
}

/** A place in a text, from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Why a text cannot be tried, where it does not compile with its place. */
export interface Fault {
  sentence: string;
  place?: Place;
}

/** An exercise of `wgrad learn`. */
export interface ExerciseCard {
  name: string;
  title: string;
  teaches: string;
  /** Told one after the other. */
  hints: readonly string[];
  /** The text with its holes. */
  template: string;
}

/** What the kernel desk asks the engine, with what is answered; a part of the page's `Requests`. */
export interface DeskRequests {
  /** The kernels of a step of a run, the slowest first. The training stays where it is. */
  kernels: [ask: { run: number }, answer: KernelOfStep[]];
  /** The text of a shader, as it is at work. */
  kernelText: [ask: string, answer: string];
  /** Tries a text in the place of a kernel, on the arrays of the next step of a run. */
  tryKernel: [ask: { run: number; shader: string; wgsl: string }, answer: Fault | KernelTrial];
  /** Puts a text in the place of a kernel, for all that comes; undefined puts the engine's own back. */
  takeKernel: [ask: { shader: string; wgsl: string | undefined }, answer: undefined];
  exercises: [ask: undefined, answer: ExerciseCard[]];
  checkExercise: [ask: { name: string; wgsl: string }, answer: { right: boolean; lines: string[]; place?: Place }];
}
