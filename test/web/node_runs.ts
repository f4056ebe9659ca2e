import { loadMnist } from '../../src/data/sources/mnist.ts';
import { longTailedData } from '../../src/data/training_data.ts';
import { openDevice } from '../../src/node.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { Run, recipeOf } from '../../web/engine/run.ts';
import { HELD_PER_CLASS } from '../../web/engine/session.ts';
import { readSetUp } from '../../web/page/set_up.ts';
import type { SetUp } from '../../web/protocol.ts';

/** What live_losses.json is of: two runs side by side, and the steps of each. */
export const GOLDEN_SET_UP = readSetUp(
  '?perClass=100&imbalance=50&width=0.125&lr=0.003&batch=16&seed=7&runs=2&loss1=ce&loss2=weighted-ce',
);
export const GOLDEN_STEPS = [60, 60] as const;

/** A set-up's runs under Node, on the browser's driver where it is there. Close the device. */
export async function nodeRuns(setUp: SetUp): Promise<{ gpu: Gpu; runs: Run[] }> {
  const gpu = await openDevice({ adapter: 'swiftshader' }).catch(() => openDevice());
  const dataset = await loadMnist({ form: { size: 32, channels: 3 } });
  const { perClass, imbalance, seed } = setUp;
  const data = longTailedData(gpu, dataset, {
    ...{ maxPerClass: perClass, imbalance, seed },
    testPerClass: HELD_PER_CLASS,
  });
  return { gpu, runs: setUp.runs.map((run) => new Run(gpu, recipeOf(setUp, run), data)) };
}

/** Losses of a set-up's runs under Node, by step. steps: of each run. */
export async function nodeLosses(setUp: SetUp, steps: readonly number[]): Promise<number[][]> {
  const { gpu, runs } = await nodeRuns(setUp);
  try {
    const losses: number[][] = [];
    for (const [i, run] of runs.entries()) {
      const own: number[] = [];
      for (let step = 0; step < steps[i]; step++) own.push((await run.send()).loss);
      losses.push(own);
    }
    return losses;
  } finally {
    gpu.close();
  }
}
