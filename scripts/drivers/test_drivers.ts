// Runs the tests of kernels, autograd and networks on each driver there is, and compares what one training step of each network gives:
// `npm run test:drivers`.
//
//   tsx scripts/drivers/test_drivers.ts [--steps-only] [--out runs/drivers] [TEST …]
//
// Drivers: those that VK_DRIVER_FILES names (files of the Vulkan loader, with ':' between), else all that are installed; a driver without a device is
// passed over. TEST: files or folders in place of test/kernels, test/autograd and test/nn. --steps-only: no tests, the comparison alone.
// Exit code 1 where a test fails or a difference is beyond its tolerance.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareSteps, TOLERANCE } from './compare_steps.ts';
import type { Steps } from './training_steps.ts';

/** Where the Vulkan loader and Chromium keep the files that describe drivers. */
const FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/lib/chromium'];
const SUITES = ['test/kernels', 'test/autograd', 'test/nn'];

interface Driver {
  adapter: string;
  /** What a process needs to see this driver alone. */
  env: NodeJS.ProcessEnv;
  file: string;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'steps-only': { type: 'boolean', default: false },
    out: { type: 'string', default: 'runs/drivers' },
  },
});

/** The drivers that have a device; elsewhere than on Linux the system's own. */
function findDrivers(): Driver[] {
  const given = process.env.VK_DRIVER_FILES?.split(':');
  const installed = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /icd.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  const files = given ?? (process.platform === 'linux' ? installed : ['']);
  return files.flatMap((file) => {
    const env = file === '' ? process.env : { ...process.env, VK_DRIVER_FILES: file };
    const probe = spawnSync(process.execPath, ['scripts/setup/adapter_probe.mjs'], { env, encoding: 'utf8' });
    const answer = probe.stdout.trim() === '' ? {} : JSON.parse(probe.stdout);
    if (!answer.adapter) {
      console.log(`${basename(file)}: no device.`);
      return [];
    }
    return [{ adapter: answer.adapter, env, file }];
  });
}

/** Runs test files on a driver. Gives a row of the table, and whether all passed. */
function runTests({ adapter, env, file }: Driver): { row: string; passed: boolean } {
  const report = join(options.out, `${basename(file) || 'system'}.tests.json`);
  const args = ['run', ...(positionals.length > 0 ? positionals : SUITES), '--reporter=json', `--outputFile=${report}`];
  const start = Date.now();
  spawnSync('node_modules/.bin/vitest', args, { env, stdio: 'ignore' });
  const seconds = Math.round((Date.now() - start) / 1000);
  if (!existsSync(report)) return { row: `| ${adapter} | the tests did not end | | | |`, passed: false };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, assertionResults, message } of testResults) {
    if (message) console.log(`${adapter}: ${name}: ${message}`);
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') console.log(`${adapter}: ${name}: ${fullName}`);
  }
  const passed = numFailedTests === 0 && testResults.every(({ status }: { status: string }) => status === 'passed');
  return { row: `| ${adapter} | ${numPassedTests} | ${numFailedTests} | ${numPendingTests} | ${seconds} |`, passed };
}

/** One training step of each network on a driver, by the kernels that it chooses or by those of a rung. */
function runSteps({ env, file }: Driver, rung?: string): Steps {
  const target = join(options.out, `${basename(file) || 'system'}.${rung ?? 'chosen'}.json`);
  const args = ['--import', 'tsx', 'scripts/drivers/training_steps.ts', target, ...(rung ? [rung] : [])];
  const { status } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`The training steps on ${basename(file)} ended with ${status}.`);
  return JSON.parse(readFileSync(target, 'utf8'));
}

mkdirSync(options.out, { recursive: true });
const drivers = findDrivers();
if (drivers.length === 0) {
  console.error('No driver has a device: `npm run doctor` says what is missing.');
  process.exit(1);
}
let failed = false;
if (!options['steps-only']) {
  console.log('| driver | passed | failed | skipped | seconds |\n| --- | --- | --- | --- | --- |');
  for (const driver of drivers) {
    const { row, passed } = runTests(driver);
    console.log(row);
    failed ||= !passed;
  }
  console.log('');
}

const [first, ...others] = drivers;
const reference = runSteps(first);
const against = [
  { name: `${first.adapter}, naive kernels`, steps: runSteps(first, 'naive') },
  ...others.map((driver) => ({ name: driver.adapter, steps: runSteps(driver) })),
];
console.log(`One step of SGD, beside ${first.adapter}; tolerance ${TOLERANCE}.\n`);
console.log('| network | beside | loss | gradients | weights |\n| --- | --- | --- | --- | --- |');
for (const { name, steps } of against) {
  for (const { network, loss, gradients, weights } of compareSteps(steps, reference)) {
    const figures = [loss, gradients, weights].map((value) => value.toExponential(1));
    console.log(`| ${network} | ${name} | ${figures.join(' | ')} |`);
    // NaN is beyond every tolerance.
    failed ||= !(Math.max(loss, gradients, weights) <= TOLERANCE);
  }
}
process.exitCode = failed ? 1 : 0;
