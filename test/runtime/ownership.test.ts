import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type Gpu, mean, scale, silu } from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

/** Collects garbage until no less is in use, or for a second. */
async function collectUntil(gpu: Gpu, liveBytes: number): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 50 && gpu.memory.liveBytes > liveBytes; round++) {
    collect();
    await setTimeout(20);
  }
}

const held = useGpu({ fences: false });

const leaf = (gpu: Gpu) => randomTensor(gpu, [3, 500], 1, { requiresGrad: true });

// Each makes something in a function of its own, so that nothing on the stack refers to it afterwards.
const FORGOTTEN: Record<string, (gpu: Gpu) => void> = {
  'a tensor outside any scope': (gpu) => {
    leaf(gpu);
  },
  'a graph recorded outside any scope and never walked': (gpu) => {
    silu(scale(leaf(gpu), 2));
  },
  'a graph that left its scope with the result and was never walked': (gpu) => {
    const x = leaf(gpu);
    gpu.scope(() => gpu.scope(() => silu(scale(x, 2))));
  },
  'a gradient': (gpu) => {
    const x = leaf(gpu);
    gpu.scope(() => mean(silu(x)).backward());
  },
};

describe('what is forgotten without being released', () => {
  it.each(Object.keys(FORGOTTEN))('%s', async (name) => {
    const { gpu } = held;
    await collectUntil(gpu, 0);
    const before = gpu.memory.liveBytes;
    FORGOTTEN[name](gpu);
    expect(gpu.memory.liveBytes).toBeGreaterThan(before);
    await collectUntil(gpu, before);
    expect(gpu.memory.liveBytes).toBe(before);
  });
});
