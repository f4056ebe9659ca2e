import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkExercise,
  checkReport,
  EndlessKernelError,
  EXERCISES,
  type Exercise,
  StepperError,
  templateOf,
  walkInvocation,
  walkReport,
} from '../../learn/index.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice, readShader } from '../../node.ts';
import { ShaderError, UserError } from '../../runtime/errors.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { type Progress, readProgress, writeProgress } from './learn_progress.ts';

/** What is asked of `wgrad learn`. */
export interface LearnOptions {
  action: 'list' | 'start' | 'check' | 'hint' | 'step';
  /** Name of the exercise. Default for all but `list`: the first that is not done. */
  name?: string;
  /** The learner's folder. */
  into: string;
  /** Part of an adapter's name, or its kind. */
  adapter?: string;
  /** global_invocation_id of the invocation to walk. Default 0,0,0. */
  invocation?: readonly [number, number, number];
  /** Show all statements of a walk. */
  all?: boolean;
}

/** Statements of a walk that are shown where not all are asked for. */
const SHOWN_STATEMENTS = 60;

/** Lists the exercises, gives one out, checks one, gives its next hint, or walks an invocation of it. Returns the exit code. Throws UserError. */
export async function runLearn(options: LearnOptions): Promise<number> {
  const progress = await readProgress(options.into);
  if (options.action === 'list') return list(progress, options.into);
  const exercise = exerciseOf(options.name, progress);
  if (options.action === 'start') return start(exercise, options.into);
  if (options.action === 'hint') return hint(exercise, progress, options.into);
  const file = fileOf(exercise, options.into);
  const wgsl = await readKernel(file, exercise);
  return options.action === 'check'
    ? check(exercise, wgsl, file, progress, options)
    : step(exercise, wgsl, file, options);
}

const fileOf = ({ name }: Exercise, into: string) => join(into, `${name}.wgsl`);

function exerciseOf(name: string | undefined, { done }: Progress): Exercise {
  const found =
    name === undefined
      ? EXERCISES.find((exercise) => !done.includes(exercise.name))
      : EXERCISES.find((exercise) => exercise.name === name);
  if (found) return found;
  if (name === undefined) throw new UserError('All exercises are done; name the one you mean.');
  throw new UserError(
    `There is no exercise '${name}'; there are: ${EXERCISES.map((exercise) => exercise.name).join(', ')}.`,
  );
}

async function readKernel(file: string, { name }: Exercise): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UserError(`${file} cannot be read: ${(error as Error).message}.`);
    throw new UserError(
      `There is no ${file}; begin with npx wgrad learn start ${name}, or say by --into where your kernels are.`,
    );
  }
}

function list({ done }: Progress, into: string): number {
  const width = Math.max(...EXERCISES.map(({ name }) => name.length));
  for (const [i, { name, title, teaches }] of EXERCISES.entries()) {
    const state = done.includes(name) ? 'done' : '    ';
    console.log(`${String(i + 1).padStart(2)} ${state} ${name.padEnd(width)}  ${title}`);
    console.log(`${' '.repeat(width + 10)}Teaches ${teaches}.`);
  }
  console.log(
    `${EXERCISES.filter(({ name }) => done.includes(name)).length} of ${EXERCISES.length} are done, by ${join(into, 'progress.json')}.`,
  );
  return DONE;
}

async function start(exercise: Exercise, into: string): Promise<number> {
  const file = fileOf(exercise, into);
  const isThere = await readFile(file).then(
    () => true,
    () => false,
  );
  if (isThere) {
    throw new UserError(
      `${file} is there already and may hold your work. Go on with it: npx wgrad learn check ${exercise.name}; or move it away to begin anew.`,
    );
  }
  await makeFolder(into);
  await writeFileAtomically(file, templateOf(exercise, readShader(exercise.shader)));
  console.log(`${file}: ${exercise.title}.`);
  console.log(`It teaches ${exercise.teaches}.`);
  console.log(`Fill the holes marked TODO in an editor; then: npx wgrad learn check ${exercise.name}`);
  return DONE;
}

async function hint({ name, hints }: Exercise, progress: Progress, into: string): Promise<number> {
  const given = progress.hints[name] ?? 0;
  const number = Math.min(given, hints.length - 1);
  console.log(`Hint ${number + 1} of ${hints.length}: ${hints[number]}`);
  if (given >= hints.length) console.log('There are no more hints.');
  else await writeProgress(into, { ...progress, hints: { ...progress.hints, [name]: given + 1 } });
  return DONE;
}

async function check(
  exercise: Exercise,
  wgsl: string,
  file: string,
  progress: Progress,
  { into, adapter }: LearnOptions,
): Promise<number> {
  const gpu = await openDevice({ adapter });
  try {
    const result = await checkExercise(gpu, exercise, wgsl, { shaders: readShader, file });
    for (const line of checkReport(exercise, result)) console.log(line);
    if (!result.right) return FAILED;
    const done = [...new Set([...progress.done, exercise.name])];
    await writeProgress(into, { ...progress, done });
    const next = EXERCISES.find(({ name }) => !done.includes(name));
    console.log(next ? `Next exercise: npx wgrad learn start ${next.name}` : 'All exercises are done.');
    return DONE;
  } catch (error) {
    if (!(error instanceof EndlessKernelError)) throw error;
    // The device works on it still, and a process waits for its devices: it has to be ended.
    console.error(`wgrad: ${error.message}`);
    process.exit(FAILED);
  } finally {
    gpu.close();
  }
}

async function step(
  exercise: Exercise,
  wgsl: string,
  file: string,
  { adapter, invocation = [0, 0, 0], all }: LearnOptions,
): Promise<number> {
  const gpu = await openDevice({ adapter });
  try {
    const walk = await walkInvocation(gpu, exercise, wgsl, invocation, { shaders: readShader, file });
    for (const line of walkReport(wgsl, walk, all ? undefined : SHOWN_STATEMENTS)) console.log(line);
    return walk.written.every(({ equal }) => equal) ? DONE : FAILED;
  } catch (error) {
    if (error instanceof ShaderError || error instanceof RangeError) throw new UserError(error.message);
    if (error instanceof StepperError) throw new UserError(`The stepper cannot run this kernel: ${error.message}.`);
    throw error;
  } finally {
    gpu.close();
  }
}
