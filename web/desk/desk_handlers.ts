import { tryKernel } from '../../src/inspect/kernel_trial.ts';
import { checkExercise, checkReport, EXERCISES, templateOf } from '../../src/learn/index.ts';
import { ShaderError } from '../../src/runtime/errors.ts';
import { timedDispatches } from '../../src/runtime/timing.ts';
import { shaders } from '../../src/shaders.ts';
import { KeptState } from '../../src/train/kept_state.ts';
import { trainingStep } from '../../src/train/training_step.ts';
import type { Handlers } from '../engine/serve.ts';
import type { Session } from '../engine/session.ts';
import type { DeskRequests, Fault, KernelOfStep, Place } from './desk_requests.ts';

/** Texts that stand in the place of the engine's own, by the shader's name. They are a device's: a new one begins with none. */
const taken = new WeakMap<object, Map<string, string>>();

const nameOf = (shader: string) => shader.split('<')[0];

/** The place that a compiler's message begins with: 'relu.wgsl:18:14: …'. */
function placeIn(message: string): Place | undefined {
  const [, line, column] = /^[^\s:]+:(\d+):(\d+):/.exec(message) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof ShaderError)) throw error;
  const place = placeIn(error.message);
  return { sentence: error.message, ...(place && { place }) };
}

/** The next step of a run, which leaves the run where it is. */
function stepOf(session: Session, chosen: number) {
  const run = session.runs[chosen];
  const { task, epoch } = run;
  const indices = run.nextBatch();
  return {
    ...{ gpu: session.gpu, model: task.model, optimizer: task.optimizer },
    step: () => {
      task.criterion.setEpoch?.(epoch);
      trainingStep(task, indices, epoch);
    },
  };
}

/** What the kernel desk asks. theSession: the session at work; throws a sentence where there is none. */
export function deskHandlers(theSession: () => Session): Pick<Handlers, keyof DeskRequests> {
  const takenOf = (session: Session) => {
    const known = taken.get(session.gpu) ?? new Map<string, string>();
    taken.set(session.gpu, known);
    return known;
  };
  return {
    kernels: ({ run }) => {
      const session = theSession();
      return session.lock.run(() => kernelsOf(session, run, takenOf(session)));
    },
    kernelText: (shader) => takenOf(theSession()).get(nameOf(shader)) ?? shaders(nameOf(shader)),
    tryKernel: ({ run, shader, wgsl }) => {
      const session = theSession();
      return session.lock.run(async () => {
        const { generator } = session.gpu;
        try {
          return await tryKernel({ ...stepOf(session, run), shader, wgsl });
        } catch (error) {
          return faultOf(error);
        } finally {
          session.gpu.generator = generator;
        }
      });
    },
    takeKernel: ({ shader, wgsl }) => {
      const session = theSession();
      return session.lock.run(async () => {
        const name = nameOf(shader);
        await session.gpu.addShader(name, wgsl ?? shaders(name), { file: `${name}.wgsl`, replace: true });
        if (wgsl === undefined) takenOf(session).delete(name);
        else takenOf(session).set(name, wgsl);
        // What was trained with the other kernel may have other bits.
        for (const run of session.runs) await run.changed();
        return undefined;
      });
    },
    exercises: () =>
      EXERCISES.map((exercise) => {
        const { name, title, teaches, hints, shader } = exercise;
        return { name, title, teaches, hints, template: templateOf(exercise, shaders(shader)) };
      }),
    checkExercise: ({ name, wgsl }) => {
      const session = theSession();
      return session.lock.run(async () => {
        const exercise = EXERCISES.find((one) => one.name === name);
        if (exercise === undefined) throw new Error(`There is no exercise ${name}.`);
        const result = await checkExercise(session.gpu, exercise, wgsl, { shaders, file: `${name}.wgsl` });
        const lines = checkReport(exercise, result);
        const place = placeIn(lines[0] ?? '');
        return { right: result.right, lines, ...(place && { place }) };
      });
    },
  };
}

/** The kernels of a step. */
async function kernelsOf(
  session: Session,
  chosen: number,
  changed: ReadonlyMap<string, string>,
): Promise<KernelOfStep[]> {
  const { gpu, model, optimizer, step } = stepOf(session, chosen);
  const { generator } = gpu;
  const state = new KeptState({ gpu, model, optimizer });
  state.keep();
  try {
    const { dispatches } = await timedDispatches(gpu, step);
    const all = dispatches.reduce((sum, { duration }) => sum + duration, 0);
    const found = new Map<string, KernelOfStep>();
    for (const { kernel, duration } of dispatches) {
      const own = found.get(kernel) ?? {
        shader: kernel,
        calls: 0,
        ms: 0,
        share: 0,
        changed: changed.has(nameOf(kernel)),
      };
      own.calls++;
      own.ms += duration;
      own.share = own.ms / (all || 1);
      found.set(kernel, own);
    }
    return [...found.values()].sort((a, b) => b.ms - a.ms);
  } finally {
    state.restore();
    model.zeroGrad();
    state.release();
    gpu.generator = generator;
  }
}
