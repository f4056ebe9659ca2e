// npm run test:fuzz -- [mutations of each property]: the fuzzing of test/fuzz, longer than in npm test. Takes some twenty minutes with the default.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const runs = process.argv[2] ?? '2500';
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/fuzz', '--testTimeout=3600000'], {
  stdio: 'inherit',
  env: { ...process.env, WGRAD_FUZZ_RUNS: runs },
});
process.exitCode = status ?? 1;
