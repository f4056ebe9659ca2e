/**
 * How long the first training step takes where no kernel was ever compiled, with and without compiling ahead, taking turns. Each runs in a process
 * of its own with an empty folder for what Mesa keeps of compiled kernels; other drivers keep theirs elsewhere.
 *
 *     node --import tsx bench/cold_start.ts [rounds]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Adam, CrossEntropyLoss, CustomCNN, indices, openDevice, Tensor } from '../src/node.ts';
import { randomInput } from './random_input.ts';

/** Milliseconds until the first step of CustomCNN at width 1/4 is done. */
async function firstStep(ahead: boolean): Promise<number> {
  const gpu = await openDevice({ seed: 1 });
  const model = new CustomCNN(gpu, { width: 0.25 });
  const images = new Tensor(randomInput(gpu, 8 * 32 * 32 * 3), [8, 32, 32, 3]);
  const labels = indices(gpu, [0, 1, 2, 3, 4, 5, 6, 7]);
  const criterion = new CrossEntropyLoss();
  const optimizer = new Adam(model.parameters());
  const pass = () => criterion.call(model.call(images), labels).backward();
  await gpu.finish();
  const start = performance.now();
  if (ahead) {
    await gpu.compileAhead(() => {
      pass();
      model.zeroGrad();
    });
  }
  gpu.scope(() => {
    pass();
    optimizer.step();
  });
  await gpu.finish();
  const ms = performance.now() - start;
  gpu.close();
  return ms;
}

const [mode] = process.argv.slice(2);
if (mode === 'ahead' || mode === 'when-used') {
  console.log((await firstStep(mode === 'ahead')).toFixed(0));
} else {
  for (let round = 0; round < Number(mode ?? 2); round++) {
    for (const way of ['when-used', 'ahead']) {
      const cache = mkdtempSync(join(tmpdir(), 'wgrad-cold-'));
      const ms = execFileSync(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), way], {
        env: { ...process.env, MESA_SHADER_CACHE_DIR: cache },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      rmSync(cache, { recursive: true });
      console.log(`compiled ${way}: first step after ${ms.toString().trim()} ms`);
    }
  }
}
