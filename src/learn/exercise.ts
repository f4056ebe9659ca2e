import type { DeviceArray, Gpu } from '../runtime/gpu.ts';

/** What an array must hold, computed in float64, and how far each element may be from it: the rounding of float32, counted. */
export interface Expected {
  values: Float64Array;
  allowed: Float64Array;
}

/** An array that a case binds. */
export interface CaseArray {
  /** Names of the dimensions, outermost first, with commas between them: how an element is named. */
  axes: string;
  shape: readonly number[];
  /** What it holds before. Default: a NaN in each element, by which one sees whether it was written. */
  data?: Float32Array | Uint32Array;
  /** What it must hold afterwards. Undefined where the kernel only reads it. */
  expected?: Expected;
}

/** One dispatch of a kernel, with what must come of it. */
export interface ExerciseCase {
  /** Its sizes in words. */
  title: string;
  arrays: Readonly<Record<string, CaseArray>>;
  params: Readonly<Record<string, number>>;
  constants?: Readonly<Record<string, number>>;
  /** Workgroups in each dimension; or `invocations`, as in `Dispatch`. */
  workgroups?: readonly [number, number?, number?];
  invocations?: number;
}

/** What the engine has for a case. arrays: by the names of the bindings. */
export type HouseKernel = (arrays: Readonly<Record<string, DeviceArray<'f32'>>>) => void;

/** A larger case, timed beside the kernels of the engine that compute the same. */
export interface SpeedCase {
  case: ExerciseCase;
  /** Floating-point operations, a multiply-add counted as two. Left out where the time goes into moving bytes. */
  flops?: number;
  /** Runs the engine's operation on the arrays of the case, once in each of its versions. Default: the exercise's `shader`, dispatched as the case says. */
  house?: HouseKernel;
}

/** A part of a kernel that is left to the learner. */
export interface Hole {
  /** First line that is taken out, without its indentation: the first such line behind the hole before. */
  first: string;
  /** Last line that is taken out. Default: the first one. */
  last?: string;
  /** The lines in their place: what is to be done, and what compiles until then. */
  instead: readonly string[];
}

/** A kernel to write: one of the engine's own with holes, see `templateOf`. */
export interface Exercise {
  name: string;
  title: string;
  /** What one learns by it, in a sentence. */
  teaches: string;
  /** The engine's own kernel of the same interface, the solution: its name in `shaders/`. */
  shader: string;
  /** In the order of the text. */
  holes: readonly Hole[];
  /** From a nudge to nearly the line itself. */
  hints: readonly string[];
  /** What a finding of a kind, or wrong elements in a pattern, usually mean here; see `MEANINGS` for what they mean in general. */
  meanings?: Readonly<Partial<Record<Meaning, string>>>;
  /** Shapes are never square, and each takes two workgroups at least. gpu: whose subgroups the grid is cut for. */
  cases: (gpu: Gpu) => readonly ExerciseCase[];
  /** A case that the stepper walks in a second. Undefined where it cannot: it knows no subgroups. */
  small?: () => ExerciseCase;
  speed: (gpu: Gpu) => SpeedCase;
  /** Checks the kernel in its place on the tape by central differences, while the engine runs it under the name of `shader`. Returns the number of elements. */
  gradcheck?: (gpu: Gpu) => Promise<number>;
  /** What to read once it is right. */
  next: string;
}

/** Where the wrong elements lie, or what they have in common; and other findings that have a usual cause. */
export type Meaning =
  | 'all'
  | 'beyond-first-workgroup'
  | 'first-of-axis'
  | 'last-of-axis'
  | 'border'
  | 'every-other'
  | 'tail'
  | 'negated'
  | 'factor'
  | 'shifted'
  | 'not-a-number'
  | 'one-case'
  | 'scattered'
  | 'unwritten'
  | 'outside'
  | 'race'
  | 'divergence'
  | 'endless'
  | 'gradient';

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The index of an element in each dimension. */
export function indexOf(shape: readonly number[], element: number): number[] {
  const index = new Array<number>(shape.length);
  let rest = element;
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
  }
  return index;
}

/** An element by name: `dx[n, h, w, c] = dx[0, 3, 1, 2]`, and without the names `dx[12]` where there is one dimension. */
export function nameOf(array: string, { axes, shape }: CaseArray, element: number): string {
  const index = `${array}[${indexOf(shape, element).join(', ')}]`;
  return shape.length === 1 ? index : `${array}[${axes}] = ${index}`;
}
