import { networkTraining } from '../src/inspect/benchmark/network_training.ts';
import { TrainingMonitor } from '../src/inspect/diagnose/training_monitor.ts';
import type { Gpu } from '../src/runtime/gpu.ts';
import { median } from '../src/runtime/timing.ts';
import type { Row } from './benchmark.ts';

/** Steps from one sample to the next, as `train --diagnose` has it. */
const EVERY = 50;
/** Steps of each kind in a run, and before the first that counts. */
const STEPS = 6;

/**
 * Milliseconds of a training step of CustomCNN: as it is, with its loss noted, and watched closely. Steps of the three kinds take turns, so that a busy
 * moment of the machine meets them all; each is waited for. One step in 50 is watched, and the loss of the others is noted: what that costs together.
 */
export async function measureDiagnose(gpu: Gpu, runs: number): Promise<Row[]> {
  const [batch, width] = [16, 0.125];
  return gpu.scope(async () => {
    const { model, optimizer, step, watchedStep } = networkTraining(gpu, batch, width);
    const closely = new TrainingMonitor(model, optimizer, { every: 1 });
    const noting = new TrainingMonitor(model, optimizer, { every: 1000 });
    // The first steps are watched closely by both.
    for (let i = 0; i < 25; i++) gpu.scope(() => void noting.step(watchedStep));
    const kinds = {
      plain: step,
      noted: () => void noting.step(watchedStep),
      watched: () => void closely.step(watchedStep),
    };
    const samples = { plain: [] as number[], noted: [] as number[], watched: [] as number[] };
    for (let round = -STEPS; round < STEPS * runs; round++) {
      for (const [kind, call] of Object.entries(kinds)) {
        await gpu.finish();
        const start = performance.now();
        gpu.scope(call);
        await gpu.finish();
        if (round >= 0) samples[kind as keyof typeof samples].push(performance.now() - start);
      }
    }
    await Promise.all([closely.finish(), noting.finish()]);
    const [plain, noted, watched] = [samples.plain, samples.noted, samples.watched].map(median);
    const cost = (noted * (EVERY - 1) + watched) / (plain * EVERY) - 1;
    const row = (what: string, ms: number): Row => {
      const shape = `custom-cnn width ${width}, batch ${batch}, ${what}`;
      return { name: 'diagnose', shape, rung: 'auto', ms, gflops: null, gbps: null, vsNaive: null };
    };
    return [
      row('a step', plain),
      row('its loss noted', noted),
      row(`watched closely; one in ${EVERY}: ${(100 * cost).toFixed(1)} % more`, watched),
    ];
  });
}
