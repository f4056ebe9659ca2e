import type { AdapterDescription } from '../../runtime/adapter.ts';
import { rungsFor } from '../../runtime/choose_rung.ts';
import type { DeviceOptions } from '../../runtime/device.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { KnownFaults, Rung } from '../../runtime/rungs.ts';
import { type GradcheckCase, runGradcheck } from '../gradcheck/gradcheck_case.ts';
import { OPERATIONS } from '../gradcheck/operations.ts';
import { faultsOf } from './blame.ts';
import { KERNEL_FAMILIES } from './cases/index.ts';
import { rungsOfCase } from './kernel_case.ts';
import { LIMIT_CHECKS } from './limits.ts';
import { type CheckedOutput, runKernelCase } from './run_kernel_case.ts';
import { TRAINING_STEPS } from './training_step_values.ts';
import { checkTrainingStep } from './training_steps.ts';
import { type KernelVerdict, kernelVerdicts } from './verdicts.ts';

/** A check of another kind: a gradient, a training step, a limit. */
export interface CheckVerdict {
  name: string;
  passed: boolean;
  /** Largest error in units of what is allowed; null where there is none to speak of. */
  error: number | null;
  /** What was found, or what is wrong, in words. */
  detail: string;
}

/** What `checkConformance` found. Fields may be added under the same `schema`. */
export interface ConformanceReport {
  schema: 1;
  passed: boolean;
  quick: boolean;
  adapter: AdapterDescription;
  /** Bytes of the largest array that the adapter states. */
  arrayBytes: number;
  /** Versions of the kernels that it can run. */
  rungs: Rung[];
  /** Results that were compared. */
  results: number;
  seconds: number;
  kernels: KernelVerdict[];
  gradients: CheckVerdict[];
  steps: CheckVerdict[];
  limits: CheckVerdict[];
  /** What is not to be used on this adapter. */
  faults: KnownFaults;
}

/** What is checked, and how far. */
export interface ConformanceOptions {
  /** Opens the adapter's device with what is asked for; called again where a device was lost. */
  open(options: Pick<DeviceOptions, 'poison' | 'fences' | 'gridWidth' | 'seed'>): Promise<Gpu>;
  /** The most telling cases alone. Default false. */
  quick?: boolean;
  /** Names of kernel families ('matmul', 'conv2d', 'optimizer': files in src/kernels); nothing else is checked then. Default: everything. */
  only?: readonly string[];
  /** Told how far it is, from 0 to 1, and what comes next. */
  onProgress?(share: number, next: string): void;
}

/** New memory is NaN, all arrays are fenced, grids are cut into rows. */
const STRICT = { poison: true, fences: true, gridWidth: 2, seed: 42 };

/** Shares of the time, roughly. */
const WEIGHTS = { kernels: 0.7, gradients: 0.18, steps: 0.08, limits: 0.04 };

/** A gradient's check at few of its elements. */
const few = (one: GradcheckCase): GradcheckCase => ({ ...one, options: { ...one.options, elements: 6 } });

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A device that is opened anew once it is lost. */
class Reopened {
  #open: () => Promise<Gpu>;
  #gpu: Gpu | undefined;

  constructor(open: () => Promise<Gpu>) {
    this.#open = open;
  }

  async get(): Promise<Gpu> {
    this.#gpu ??= await this.#open();
    return this.#gpu;
  }

  /** Whether the device still works; one that does not is closed. */
  async isAlive(): Promise<boolean> {
    try {
      await this.#gpu?.finish();
      return true;
    } catch {
      this.close();
      return false;
    }
  }

  /** A device that works. */
  async getAlive(): Promise<Gpu> {
    await this.isAlive();
    return this.get();
  }

  close(): void {
    this.#gpu?.close();
    this.#gpu = undefined;
  }
}

/** One check in words and figures; what it throws is its verdict. */
async function verdictOf(name: string, work: () => Promise<Omit<CheckVerdict, 'name'>>): Promise<CheckVerdict> {
  try {
    return { name, ...(await work()) };
  } catch (error) {
    return { name, passed: false, error: null, detail: messageOf(error) };
  }
}

/**
 * Checks an adapter with its driver: every kernel on every rung that it can run, at sizes where kernels go wrong, against float64, twice, poisoned and
 * fenced; every operation's gradient against central differences; a training step of each network against PyTorch's; its limits. Takes a minute or some.
 * What is wrong is in the report, and `gpu.knownFaults = report.faults` keeps a device from it; that a check fails throws nothing. `wgrad verify` and the
 * live page call it too.
 *
 * @throws what `open` throws; RangeError for an unknown name in `only`
 */
export async function checkConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const { open, quick = false, only, onProgress = () => {} } = options;
  const known = new Set(KERNEL_FAMILIES.map(({ kernels }) => kernels));
  const unknown = only?.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `checkConformance: there are no kernels called ${unknown}; there are ${[...known].join(', ')}.`,
    );
  }
  const started = performance.now();
  const strict = new Reopened(() => open(STRICT));
  const plain = new Reopened(() => open({ seed: 42 }));
  // As where one trains; a quick look spares itself to compile all anew.
  const stepping = quick ? strict : plain;
  let done = 0;
  const each = async <T, R>(
    part: keyof typeof WEIGHTS,
    all: readonly T[],
    name: (one: T) => string,
    run: (one: T) => Promise<R>,
  ) => {
    const found: R[] = [];
    for (const one of all) {
      onProgress(done, name(one));
      found.push(await run(one));
      done += WEIGHTS[part] / all.length;
    }
    return found;
  };
  try {
    const first = await strict.get();
    const { adapter, limits: { arrayBytes } } = first; // biome-ignore format: one line
    const rungs = rungsFor(first);
    const cases = KERNEL_FAMILIES.filter(({ kernels }) => only === undefined || only.includes(kernels)).flatMap(
      (family) => family.cases.filter((one) => !quick || one.quick).map((one) => ({ family, one })),
    );
    const outputs = await each(
      'kernels',
      cases,
      ({ family, one }) => `${family.kernels}: ${one.name}`,
      async ({ family, one }): Promise<CheckedOutput[]> => {
        const results: CheckedOutput[] = [];
        // Rung by rung, so that one that loses the device does not take the others with it.
        for (const rung of rungsOfCase(first, family, one)) {
          try {
            const found = await runKernelCase(await strict.get(), one, [rung]);
            results.push(...found.map((output) => ({ ...output, halves: family.halves })));
          } catch (error) {
            const lost = { case: one.name, output: 'everything', rung, elements: 0, error: Number.POSITIVE_INFINITY };
            results.push({
              ...lost,
              worst: undefined,
              repeats: true,
              problem: messageOf(error),
              shaders: [],
              choices: [],
              halves: family.halves,
            });
          }
          await strict.isAlive();
        }
        return results;
      },
    );
    const rest = only === undefined;
    const gradients = await each(
      'gradients',
      rest ? OPERATIONS : [],
      ({ name }) => `gradient of ${name}`,
      (one) =>
        verdictOf(one.name, async () => {
          const { passed, inputs } = await runGradcheck(await strict.get(), quick ? few(one) : one);
          const error = Math.max(...inputs.map(({ largestError, tolerance }) => largestError / tolerance));
          const wrong = inputs.find((input) => input.wrong > 0);
          const detail = wrong
            ? `the gradient of ${wrong.name} is wrong in ${wrong.wrong} of ${wrong.checked} elements`
            : '';
          await (await strict.get()).finish();
          return { passed, error, detail };
        }).finally(() => strict.isAlive()),
    );
    const steps = await each(
      'steps',
      rest ? TRAINING_STEPS : [],
      ({ net }) => `training step of ${net}`,
      (one) =>
        verdictOf(one.net, async () => {
          const { error, of, repeats } = await checkTrainingStep(await stepping.get(), one);
          const detail = repeats ? `farthest off: ${of}` : 'a second step gave other bits';
          return { passed: error <= 1 && repeats, error, detail };
        }).finally(() => stepping.isAlive()),
    );
    strict.close();
    const limits = await each(
      'limits',
      rest ? LIMIT_CHECKS : [],
      ({ name }) => name,
      (one) =>
        verdictOf(one.name, async () => {
          const detail = await one.run(() => plain.getAlive(), quick);
          return { passed: true, error: null, detail };
        }).finally(() => plain.isAlive()),
    );
    const flat = outputs.flat();
    const kernels = kernelVerdicts(flat);
    return {
      schema: 1,
      passed: [...kernels, ...gradients, ...steps, ...limits].every(({ passed }) => passed),
      ...{ quick, adapter, arrayBytes, rungs, results: flat.length },
      seconds: (performance.now() - started) / 1000,
      ...{ kernels, gradients, steps, limits, faults: faultsOf(flat.filter(({ halves }) => !halves)) },
    };
  } finally {
    strict.close();
    plain.close();
  }
}
