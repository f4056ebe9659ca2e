import { copy } from '../../kernels/elementwise.ts';
import { flopsOfPeak, peakFlops } from '../../kernels/ladder.ts';
import { ShapeError } from '../../runtime/errors.ts';
import type { DeviceArray, Gpu } from '../../runtime/gpu.ts';
import { profiled, timeCall, timeInTurns } from '../../runtime/timing.ts';
import type { Ladder, LadderRung } from './ladder.ts';
import { LADDERS, type LadderName, usualSizes } from './ladders.ts';
import type { Loads } from './loads.ts';
import { randomNumbers } from './random_input.ts';
import { rungParagraph } from './rung_paragraph.ts';

type F32 = DeviceArray<'f32'>;

/** A rung as it ran on this adapter. */
export interface RungResult {
  name: string;
  /** The shader that did the work. */
  shader: string;
  /** Whether the engine takes this rung for these sizes on this adapter by itself. */
  taken: boolean;
  /** The fastest sample: whatever else runs on the machine only adds to a time. */
  ms: number;
  gflops: number;
  /** Of all arrays, each read or written once. */
  gbps: number;
  loads: Loads;
  shareOfPeak: number;
  /** How many times as fast as the naive rung. */
  vsNaive: number;
  /** Largest difference to the naive rung, all elements looked at, relative to its largest. */
  error: number;
  /** What the rung changed, and why that pays, from the shader's header. */
  paragraph: string;
}

/** A ladder as it ran on this adapter. */
export interface LadderResult {
  ladder: LadderName;
  shape: string;
  adapter: string;
  flops: number;
  /** Of all arrays, and of the inputs alone, each once. */
  bytes: number;
  inputBytes: number;
  /** GFLOP/s of multiply-adds in registers. */
  peakGflops: number;
  /** GB/s of a copy, what is read and what is written together. */
  copyGbps: number;
  /** Largest difference of the naive rung to float64, at elements spread over the result, relative to its largest. */
  float64Error: number;
  /** What rounding may make of both errors, and no more: the rungs are right. */
  allowed: number;
  correct: boolean;
  rungs: RungResult[];
  /** Rungs that this adapter, or these sizes, do not allow. */
  missing: string[];
}

export interface LadderOptions {
  /** See `LADDERS` for what they are; default: the usual ones for the kind of adapter. */
  sizes?: readonly number[];
  /** Samples of each rung; what is slow gets fewer. Default 7. */
  runs?: number;
  /** The texts of the shaders by name, for what their headers say. */
  shaders(name: string): string;
}

/** Elements of the result that are computed in float64. */
const LOOKED_AT = 64;
/** Elements of the arrays that are copied: more than a cache holds. */
const COPIED = { software: 2 ** 22, hardware: 2 ** 24 };
const PEAK_SAMPLES = 50;
/** Enough to keep every unit busy, for some milliseconds. */
const PEAK_WORK = { software: { invocations: 4096, turns: 64 }, hardware: { invocations: 2 ** 20, turns: 128 } };

/** Largest |a − b| of all elements, relative to the largest |b|. Infinite where either is no number. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>, at: Iterable<number>, largest: number): number {
  let most = 0;
  for (const i of at) {
    const apart = Math.abs(a[i] - b[i]);
    most = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(most, apart);
  }
  return most / largest;
}

/** The shader of a rung among those that it ran: the one of its name. Undefined where another rung took its place. */
async function shaderOf(gpu: Gpu, { name, shader }: LadderRung, call: () => unknown): Promise<string | undefined> {
  const { kernels } = await profiled(gpu, call);
  return shader ?? kernels.find(({ kernel }) => kernel.includes(name))?.kernel;
}

/** The rung that the engine takes by itself: of those that are forced, the one whose shader it runs; else the last. */
async function takenBy(gpu: Gpu, { rungs }: Ladder, inputs: readonly F32[]): Promise<string> {
  const last = rungs[rungs.length - 1];
  if (last.forced === undefined) return last.name;
  const { kernels } = await profiled(gpu, () => last.run(inputs));
  // Winograd's rung, the last, runs a product of another's.
  return rungs.findLast(({ name }) => kernels.some(({ kernel }) => kernel.includes(name)))?.name ?? '';
}

/**
 * Runs every version of a kernel that this adapter can run, compares its results with the naive one's and with float64, and times all of them in turn
 * beside a kernel that only computes and one that only copies. A rung whose result is wrong is told by `correct`, not thrown.
 * Throws ShapeError for sizes that the kernels do not take.
 */
export async function runLadder(
  gpu: Gpu,
  name: LadderName,
  { sizes = usualSizes(gpu, name), runs = 7, shaders }: LadderOptions,
): Promise<LadderResult> {
  const ladder = LADDERS[name].make(gpu, sizes);
  const [most, largest] = [gpu.limits.arrayBytes / Float32Array.BYTES_PER_ELEMENT, Math.max(...ladder.inputs)];
  if (largest > most) throw new ShapeError(`an input of ${largest} numbers is needed, and this adapter takes ${most}.`);
  const forcedBefore = gpu.forcedRung;
  try {
    return await gpu.scope(async () => {
      const numbers = ladder.inputs.map((count, i) => randomNumbers(count, i + 1));
      const inputs = numbers.map((values) => gpu.upload(values, 'ladder'));
      gpu.forcedRung = undefined;
      const taken = await takenBy(gpu, ladder, inputs);
      const found: { rung: LadderRung; shader: string; call: () => unknown; result: Float32Array }[] = [];
      const missing: string[] = [];
      for (const rung of ladder.rungs) {
        const call = () => {
          gpu.forcedRung = rung.forced;
          return rung.run(inputs);
        };
        const shader = await shaderOf(gpu, rung, call);
        if (shader === undefined) missing.push(rung.name);
        else found.push({ rung, shader, call, result: await gpu.scope(() => call().read()) });
      }

      const [{ result: naive }] = found;
      const largest = naive.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const stride = Math.max(1, Math.floor(naive.length / LOOKED_AT));
      const spread = Array.from({ length: Math.ceil(naive.length / stride) }, (_, i) => i * stride);
      const exact: number[] = [];
      for (const at of spread) exact[at] = ladder.expected(numbers, at);

      const kind = gpu.adapter.software ? 'software' : 'hardware';
      const copied = gpu.upload(randomNumbers(COPIED[kind]), 'ladder');
      const peak = () => peakFlops(gpu, PEAK_WORK[kind]);
      const copying = () => copy(copied);
      for (const measure of [peak, copying]) await profiled(gpu, measure);
      const times = await timeInTurns(gpu, [peak, copying, ...found.map(({ call }) => call)], runs);
      // What nothing can exceed needs one undisturbed moment: many short samples besides.
      for (let i = 0; i < PEAK_SAMPLES; i++) times[0].push(await timeCall(gpu, peak, 2));
      const [peakMs, copyMs, ...ms] = times.map((samples) => Math.min(...samples));
      const peakGflops = flopsOfPeak(gpu, PEAK_WORK[kind]) / peakMs / 1e6;

      // Rounding of a sum in float32: 2⁻²⁴ of it at each step, in random directions, hence the root; four times that.
      const allowed = 4 * 2 ** -24 * Math.sqrt(ladder.terms) + 2 ** -21;
      const float64Error = relativeError(naive, exact, spread, largest);
      const rungs = found.map(({ rung, shader, result }, i) => {
        const gflops = ladder.flops / ms[i] / 1e6;
        return {
          ...{ name: rung.name, shader, taken: rung.name === taken, ms: ms[i], gflops },
          ...{ gbps: ladder.bytes / ms[i] / 1e6, loads: rung.loads(shader), shareOfPeak: gflops / peakGflops },
          ...{ vsNaive: ms[0] / ms[i], error: relativeError(result, naive, naive.keys(), largest) },
          paragraph: rungParagraph(shaders(shader), rung.name) ?? '',
        };
      });
      return {
        ...{ ladder: name, shape: ladder.shape, adapter: gpu.adapter.description || gpu.adapter.device },
        ...{ flops: ladder.flops, bytes: ladder.bytes, inputBytes: 4 * ladder.inputs.reduce((sum, n) => sum + n, 0) },
        ...{ peakGflops, copyGbps: (8 * copied.length) / copyMs / 1e6 },
        ...{ float64Error, allowed, rungs, missing },
        correct: float64Error <= allowed && rungs.every(({ error }) => error <= allowed),
      };
    });
  } finally {
    gpu.forcedRung = forcedBefore;
  }
}
