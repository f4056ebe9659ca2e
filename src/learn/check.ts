import { GradcheckError } from '../autograd/gradcheck.ts';
import { DeviceError, ShaderError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { parseShader, type ShaderInterface } from '../runtime/shader.ts';
import { compareArray, type Mismatch, type Unwritten } from './compare.ts';
import { type CaseArray, type Exercise, type ExerciseCase, type Meaning, nameOf } from './exercise.ts';
import type { Finding } from './finding.ts';
import { interfaceFault } from './interface.ts';
import { meaningOf } from './meanings.ts';
import { type ArrayAfter, runOnCpu, runOnGpu, workgroupSize } from './run_case.ts';
import { measureSpeed, type Speed } from './speed.ts';
import { findRaces } from './stepped_findings.ts';
import { StepperError } from './stepper.ts';

/** What `checkExercise` found. */
export interface CheckResult {
  exercise: string;
  right: boolean;
  /** What is to be mended first stands first. Empty where the kernel is right. */
  findings: Finding[];
  /** What was checked, and what could not be. */
  notes: string[];
  /** Where the kernel is right, and it was asked for. */
  speed?: Speed;
}

/** What a check is given besides the kernel. */
export interface CheckOptions {
  /** Texts of the engine's shaders by name. */
  shaders: (name: string) => string;
  /** Name of the kernel's file, for messages. Default: the exercise's name. */
  file?: string;
  /** Time it beside the engine's own once it is right. Default true. */
  speed?: boolean;
  /** Look for races and endless loops on the CPU first. Without it an endless loop takes the device with it. Default true. */
  steps?: boolean;
  /** Seconds to wait for a kernel before it is taken to be endless. Default 40. */
  patience?: number;
}

/** A kernel that did not end in the time given. The device does not come back from it: the process has to end. */
export class EndlessKernelError extends DeviceError {}

/** Meanings of patterns that say little of the cause. */
const VAGUE: readonly Meaning[] = ['all', 'scattered', 'factor', 'shifted', 'not-a-number'];

/** Name under which a learner's kernel is added to a device. */
const addedName = ({ name }: Exercise) => `exercise_${name.replaceAll('-', '_')}`;

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new EndlessKernelError(
            `The kernel has not ended within ${seconds} seconds: one of its loops may be endless on larger sizes.`,
          ),
        ),
      1000 * seconds,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Checks a kernel against its exercise. Throws EndlessKernelError where it does not end on the device, which is of no use then. */
export async function checkExercise(
  gpu: Gpu,
  exercise: Exercise,
  wgsl: string,
  options: CheckOptions,
): Promise<CheckResult> {
  return new Check(gpu, exercise, wgsl, options).run();
}

class Check {
  #gpu: Gpu;
  #exercise: Exercise;
  #wgsl: string;
  #options: CheckOptions;
  #notes: string[] = [];
  /** Findings whose pattern says less than which cases are right. */
  #vague = new Set<Finding>();

  constructor(gpu: Gpu, exercise: Exercise, wgsl: string, options: CheckOptions) {
    this.#gpu = gpu;
    this.#exercise = exercise;
    this.#wgsl = wgsl;
    this.#options = options;
  }

  async run(): Promise<CheckResult> {
    const { name } = this.#exercise;
    const findings = await this.#findings();
    const right = findings.length === 0;
    const timed = right && this.#options.speed !== false;
    const speed = timed ? await measureSpeed(this.#gpu, this.#exercise, addedName(this.#exercise)) : undefined;
    return { exercise: name, right, findings, notes: this.#notes, ...(speed && { speed }) };
  }

  async #findings(): Promise<Finding[]> {
    const house = this.#options.shaders(this.#exercise.shader);
    const wanted = parseShader(this.#exercise.shader, house);
    if (wanted.needsSubgroups && this.#gpu.adapter.subgroupSizes[1] === 0) {
      const text =
        'This adapter has no subgroups, which the exercise is about. Take another adapter (--adapter), or go on with the next exercise.';
      return [{ kind: 'adapter', text, details: [] }];
    }
    const compiled = await this.#compile();
    if ('kind' in compiled) return [compiled];
    const fault = interfaceFault(wanted, house, compiled, this.#wgsl);
    if (fault !== undefined) return [{ kind: 'interface', text: fault, details: [] }];
    const stepped = this.#step(compiled);
    if (stepped.endless) return [stepped.endless];
    const found = await this.#runCases(compiled, stepped.reads, stepped.writes);
    // A driver may drop what is written outside, so that nothing shows.
    if (!found.some(({ kind }) => kind === 'outside')) found.push(...stepped.writes.map((text) => this.#outside(text)));
    found.push(...stepped.races);
    // Values go wrong by a race, so it is told first; where two invocations share a place of an array, the index is the cause, and the values tell more.
    found.sort((a, b) => Number(stepped.shared.has(b)) - Number(stepped.shared.has(a)));
    if (found.length > 0) return found;
    return this.#gradient();
  }

  async #compile(): Promise<ShaderInterface | Finding> {
    const { file = `${this.#exercise.name}.wgsl` } = this.#options;
    try {
      return await this.#gpu.addShader(addedName(this.#exercise), this.#wgsl, { file, replace: true });
    } catch (error) {
      if (!(error instanceof ShaderError)) throw error;
      const text = error.message;
      const uniform = /uniform control flow/.test(text);
      return {
        kind: 'compile',
        text,
        details: [],
        ...(uniform && { meaning: meaningOf(this.#exercise, 'divergence') }),
      };
    }
  }

  #step(shader: ShaderInterface) {
    const run = this.#exercise.small?.();
    if (this.#options.steps === false) return findRaces(this.#exercise, this.#wgsl, undefined);
    if (run === undefined) {
      this.#notes.push(
        'Races and endless loops were not looked for: the stepper, which finds them, knows no subgroups.',
      );
      return findRaces(this.#exercise, this.#wgsl, undefined);
    }
    try {
      const found = findRaces(this.#exercise, this.#wgsl, runOnCpu(this.#wgsl, shader, run));
      this.#notes.push('Races and endless loops were looked for on a small case, on the CPU.');
      return found;
    } catch (error) {
      if (!(error instanceof StepperError)) throw error;
      this.#notes.push(
        `Races and endless loops were not looked for: the stepper cannot run this kernel (${error.message}).`,
      );
      return findRaces(this.#exercise, this.#wgsl, undefined);
    }
  }

  async #runCases(shader: ShaderInterface, reads: readonly string[], writes: readonly string[]): Promise<Finding[]> {
    const cases = this.#exercise.cases(this.#gpu);
    const right: string[] = [];
    let first: Finding[] = [];
    let firstTitle = '';
    for (const run of cases) {
      const found = await this.#runCase(shader, run, writes);
      if (found.length === 0) right.push(run.title);
      else if (first.length === 0) [first, firstTitle] = [found, run.title];
    }
    for (const finding of first) {
      finding.details.push(`The case: ${firstTitle}.`);
      if (finding.kind === 'wrong') finding.details.push(...reads);
      if (right.length === 0) continue;
      finding.details.push(`Right are the cases: ${right.join('; ')}.`);
      if (this.#vague.has(finding)) finding.meaning = meaningOf(this.#exercise, 'one-case');
    }
    if (first.length === 0)
      this.#notes.push(`${cases.length} cases are right, each in all elements and twice to the same bits.`);
    return first;
  }

  /** What is wrong with one case. */
  async #runCase(shader: ShaderInterface, run: ExerciseCase, writes: readonly string[]): Promise<Finding[]> {
    const { patience = 40 } = this.#options;
    const name = addedName(this.#exercise);
    const after = await within(patience, runOnGpu(this.#gpu, name, run));
    const findings: Finding[] = [];
    for (const [array, declared] of Object.entries(run.arrays)) {
      findings.push(...this.#compare(array, declared, after[array], this.#perWorkgroup(shader, run, declared), writes));
    }
    if (findings.length > 0) return findings;
    const again = await within(patience, runOnGpu(this.#gpu, name, run));
    for (const [array, declared] of Object.entries(run.arrays)) {
      const element = after[array].words.findIndex((word, i) => word !== again[array].words[i]);
      if (element < 0) continue;
      const text = `Two runs differ: ${nameOf(array, declared, element)} is ${after[array].values[element]} once and ${again[array].values[element]} once. The kernel depends on the order in which invocations run.`;
      findings.push({ kind: 'nondeterministic', text, details: [], meaning: meaningOf(this.#exercise, 'race') });
    }
    return findings;
  }

  /** Elements that a workgroup fills, where invocations take them in their order. */
  #perWorkgroup(shader: ShaderInterface, run: ExerciseCase, { expected }: CaseArray): number | undefined {
    const invocations = run.invocations ?? run.params.vectors;
    return invocations === undefined
      ? undefined
      : workgroupSize(shader) * Math.ceil((expected?.values.length ?? 0) / invocations);
  }

  #compare(
    array: string,
    declared: CaseArray,
    after: ArrayAfter,
    perWorkgroup: number | undefined,
    writes: readonly string[],
  ): Finding[] {
    const { unwritten, mismatch } = compareArray(array, declared, after, perWorkgroup);
    const findings: Finding[] = [];
    if (unwritten) findings.push(this.#unwritten(unwritten, declared));
    if (after.overwritten !== undefined) {
      const own = writes.filter((text) => text.includes(` ${array}[`));
      const text =
        own[0] ??
        `The kernel writes outside of the array '${array}', behind its ${declared.expected?.values.length ?? 0} elements.`;
      findings.push(this.#outside(text));
    }
    if (mismatch) {
      const wrong = this.#wrong(mismatch, declared);
      findings.push(wrong);
      if (VAGUE.includes(mismatch.meaning)) this.#vague.add(wrong);
    }
    return findings;
  }

  #outside(text: string): Finding {
    return { kind: 'outside', text, details: [], meaning: meaningOf(this.#exercise, 'outside') };
  }

  #unwritten({ array, element, count, of }: Unwritten, declared: CaseArray): Finding {
    const some = count === of ? `All ${of} elements of ${array} are` : `${count} of ${of} elements of ${array} are`;
    const text = `${some} never written; the first is ${nameOf(array, declared, element)}.`;
    return { kind: 'unwritten', text, details: [], meaning: meaningOf(this.#exercise, 'unwritten') };
  }

  #wrong({ array, element, expected, found, wrong, of, pattern, meaning }: Mismatch, declared: CaseArray): Finding {
    const digits = (value: number) => String(Number(value.toPrecision(7)));
    const text = `${nameOf(array, declared, element)} is wrong: expected ${digits(expected)}, found ${digits(found)}.`;
    const details = [`${wrong} of ${of} elements of ${array} are wrong: ${pattern}.`];
    return { kind: 'wrong', text, details, meaning: meaningOf(this.#exercise, meaning) };
  }

  /** Puts the kernel in the place of the engine's own and checks the gradients that it takes part in. */
  async #gradient(): Promise<Finding[]> {
    const { shader, gradcheck } = this.#exercise;
    if (gradcheck === undefined) return [];
    await this.#gpu.addShader(shader, this.#wgsl, { replace: true });
    try {
      const elements = await this.#gpu.scope(() => gradcheck(this.#gpu));
      this.#notes.push(`gradcheck: in its place on the tape, ${elements} gradients agree with central differences.`);
      return [];
    } catch (error) {
      if (!(error instanceof GradcheckError)) throw error;
      return [{ kind: 'gradient', text: error.message, details: [], meaning: meaningOf(this.#exercise, 'gradient') }];
    } finally {
      await this.#gpu.addShader(shader, this.#options.shaders(shader), { replace: true });
    }
  }
}
