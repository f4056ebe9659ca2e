import { loadMnist } from '../../src/data/sources/mnist.ts';
import { longTailedData } from '../../src/data/training_data.ts';
import { openDevice } from '../../src/node.ts';
import { Run, recipeOf } from '../../web/engine/run.ts';
import { HELD_PER_CLASS } from '../../web/engine/session.ts';
import type { SetUp } from '../../web/protocol.ts';

/** Losses of a set-up's runs under Node, by step. */
export async function nodeLosses(setUp: SetUp, steps: number): Promise<number[][]> {
  const gpu = await openDevice({ adapter: 'swiftshader' }).catch(() => openDevice());
  try {
    const dataset = await loadMnist({ form: { size: 32, channels: 3 } });
    const { perClass, imbalance, seed } = setUp;
    const data = longTailedData(gpu, dataset, {
      ...{ maxPerClass: perClass, imbalance, seed },
      testPerClass: HELD_PER_CLASS,
    });
    const losses: number[][] = [];
    for (const each of setUp.runs) {
      const run = new Run(gpu, recipeOf(setUp, each), data);
      const own: number[] = [];
      for (let step = 0; step < steps; step++) own.push((await run.send()).loss);
      losses.push(own);
    }
    return losses;
  } finally {
    gpu.close();
  }
}
