import { copy } from '../../kernels/elementwise.ts';
import type { ModelName } from '../../nn/models/index.ts';
import type { AdapterDescription } from '../../runtime/adapter.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { median, timeCall } from '../../runtime/timing.ts';
import type { LadderName } from '../ladder/ladders.ts';
import { runLadder } from '../ladder/run_ladder.ts';
import { networkTraining } from './network_training.ts';

/** How fast a network trains. */
export interface TrainingSpeed {
  net: ModelName;
  width: number;
  batch: number;
  /** From its call until the device is done: kernels are compiled in it, unless the driver has them from before. */
  firstStepMs: number;
  /** Median of the samples. */
  msPerStep: number;
  imagesPerSecond: number;
}

/** How fast a kernel is, on the rung that the engine takes. */
export interface KernelSpeed {
  kernel: LadderName;
  shape: string;
  rung: string;
  gflops: number;
  shareOfPeak: number;
}

/** What `benchmarkAdapter` found. Fields may be added under the same `schema`. */
export interface BenchmarkReport {
  schema: 1;
  adapter: AdapterDescription;
  /** GFLOP/s of multiply-adds in registers, and GB/s of a copy: the best that any kernel's measurement saw. */
  peakGflops: number;
  copyGbps: number;
  kernels: KernelSpeed[];
  trainings: TrainingSpeed[];
  /** Microseconds of a tiny dispatch: of many sent together, and of one that is waited for. */
  dispatchUs: { together: number; alone: number };
  seconds: number;
}

export interface BenchmarkOptions {
  /** Opens the adapter; called for each network, so that its first step is one. */
  open(): Promise<Gpu>;
  /** The texts of the shaders. */
  shaders(name: string): string;
  /** Networks and sizes, and kernels. Default: those of the kind of adapter. */
  work?: Partial<BenchmarkWork>;
  /** Told how far it is, from 0 to 1, and what comes next. */
  onProgress?(share: number, next: string): void;
}

/** What is timed. */
export interface BenchmarkWork {
  nets: readonly ModelName[];
  width: number;
  batches: readonly number[];
  kernels: readonly LadderName[];
  /** Samples of each. */
  samples: number;
}

const ALL = {
  nets: ['custom-cnn', 'resnet18', 'efficientnet-b0'],
  kernels: ['matmul', 'conv2d', 'conv2d-input-grad', 'conv2d-weight-grad'],
  samples: 5,
} as const;
const WORK: Readonly<Record<'software' | 'hardware', BenchmarkWork>> = {
  software: { ...ALL, width: 1 / 4, batches: [8, 32] },
  hardware: { ...ALL, width: 1, batches: [32, 128] },
};

/** A sample takes at least so long. */
const SAMPLE_MS = 200;
const TINY = 64;
const DISPATCHES = 2000;

async function trainingSpeed(
  gpu: Gpu,
  net: ModelName,
  { width, batch, samples }: Pick<BenchmarkWork, 'width' | 'samples'> & { batch: number },
): Promise<TrainingSpeed> {
  return gpu.scope(async () => {
    const { step } = networkTraining(gpu, batch, width, net);
    const firstStepMs = await timeCall(gpu, step, 1);
    const repetitions = Math.max(1, Math.ceil(SAMPLE_MS / (await timeCall(gpu, step, 1))));
    const times: number[] = [];
    for (let i = 0; i < samples; i++) times.push(await timeCall(gpu, step, repetitions));
    const msPerStep = median(times);
    return { net, width, batch, firstStepMs, msPerStep, imagesPerSecond: (1000 * batch) / msPerStep };
  });
}

/**
 * Measures an adapter: the main kernels beside its own peak, training steps of networks at two batch sizes on devices just opened, and what a dispatch costs.
 * Throws what `open` throws.
 */
export async function benchmarkAdapter(options: BenchmarkOptions): Promise<BenchmarkReport> {
  const { open, shaders, onProgress = () => {} } = options;
  const started = performance.now();
  const gpu = await open();
  try {
    const { adapter } = gpu;
    const work = { ...WORK[adapter.software ? 'software' : 'hardware'], ...options.work };
    const { nets, width, batches, samples } = work;
    const parts = work.kernels.length + nets.length * batches.length + 1;
    let done = 0;
    const next = (what: string) => onProgress(done++ / parts, what);

    next('what a dispatch costs');
    const dispatchUs = await gpu.scope(async () => {
      const tiny = gpu.upload(new Float32Array(TINY), 'benchmark');
      const one = () => copy(tiny);
      await timeCall(gpu, one, 1);
      const [together, alone]: number[][] = [[], []];
      for (let i = 0; i < samples; i++) {
        together.push(await timeCall(gpu, one, DISPATCHES));
        alone.push(await timeCall(gpu, one, 1));
      }
      return { together: 1000 * median(together), alone: 1000 * median(alone) };
    });

    const kernels: KernelSpeed[] = [];
    let [peakGflops, copyGbps] = [0, 0];
    for (const kernel of work.kernels) {
      next(kernel);
      const ladder = await runLadder(gpu, kernel, { runs: samples, shaders });
      peakGflops = Math.max(peakGflops, ladder.peakGflops);
      copyGbps = Math.max(copyGbps, ladder.copyGbps);
      const { rungs } = ladder;
      const { name: rung, gflops } = rungs.find(({ taken }) => taken) ?? rungs[rungs.length - 1];
      kernels.push({ kernel, shape: ladder.shape, rung, gflops, shareOfPeak: 0 });
    }
    for (const one of kernels) one.shareOfPeak = one.gflops / peakGflops;

    const trainings: TrainingSpeed[] = [];
    for (const net of nets) {
      for (const batch of batches) {
        next(`${net}, batch ${batch}`);
        const fresh = await open();
        try {
          trainings.push(await trainingSpeed(fresh, net, { width, batch, samples }));
        } finally {
          fresh.close();
        }
      }
    }
    onProgress(1, '');
    const seconds = (performance.now() - started) / 1000;
    return { schema: 1, adapter, peakGflops, copyGbps, kernels, trainings, dispatchUs, seconds };
  } finally {
    gpu.close();
  }
}
