// Runs the tests of kernels, autograd and networks, and a smoke run of the lab, on each major version of Node.js that is supported: `npm run test:node -- --help`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { cacheFolder, hostEnvironment } from '../src/node/host_environment.ts';

const VERSIONS = ['20', '22', '24', '26'];
const SUITES = ['test/kernels', 'test/autograd', 'test/nn'];
const root = fileURLToPath(new URL('..', import.meta.url));

/** The program of a version, from npm's package `node`, which stays in the cache. Undefined where it cannot be had. */
function nodeOf(version: string): string | undefined {
  const folder = join(cacheFolder(hostEnvironment()), 'node', version);
  const program = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${version}`];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) console.error(`Node.js ${version} cannot be had: ${stderr.trim().split('\n').at(-1)}`);
  return existsSync(program) ? program : undefined;
}

/** Runs a program of the checkout by a version of Node.js. Returns its exit code; what it says of a failure is shown. */
function run(node: string, args: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) console.error(`${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return status ?? 1;
}

/** What vitest's JSON reporter writes of a run, as far as it is read here. */
interface TestReport {
  numPassedTests?: number;
  numFailedTests?: number;
  testResults?: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** The tests that failed, each with what it says first; files that could not be run. */
function failures({ testResults = [] }: TestReport): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const lines = failed.map(({ fullName, failureMessages: [first = ''] }) => `${fullName}: ${first.split('\n')[0]}`);
    if (failed.length === 0 && message !== '') lines.push(message.split('\n')[0]);
    return lines.map((line) => `${file}: ${line}`);
  });
}

const program = new Command('npm run test:node --')
  .description('tests each supported major version of Node.js: kernels, autograd, networks, and a smoke run of the lab')
  .argument('[tests...]', `files or folders of tests (default: ${SUITES.join(' ')})`)
  .option('--versions <list>', 'major versions, with commas between', (text) => text.split(','), VERSIONS)
  .option('--no-lab', 'without the smoke run of the lab')
  .action((tests: string[], { versions, lab }: { versions: string[]; lab: boolean }) => {
    const rows: string[][] = [];
    for (const version of versions) {
      const node = nodeOf(version);
      if (node === undefined) {
        rows.push([version, 'not there', '–', '–', '–']);
        process.exitCode = 1;
        continue;
      }
      const own = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
      console.error(`Node.js ${own}`);
      const folder = mkdtempSync(join(tmpdir(), 'wgrad-node-'));
      try {
        const report = join(folder, 'tests.json');
        const suites = tests.length > 0 ? tests : SUITES;
        const output = ['--reporter=json', `--outputFile=${report}`];
        const tested = run(node, ['node_modules/vitest/vitest.mjs', 'run', ...suites, ...output]);
        const counts: TestReport = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
        for (const line of failures(counts)) console.error(`Node.js ${own}: ${line}`);
        const smoke = ['lab', 'ps2', '--preset', 'smoke', '--data', 'mnist', '--out', join(folder, 'runs')];
        const ended = lab ? run(node, ['--import', 'tsx', 'src/lab/cli/main.ts', ...smoke]) : undefined;
        rows.push([
          ...[version, own, `${counts.numPassedTests ?? '–'}`, `${counts.numFailedTests ?? '–'}`],
          ended === undefined ? '–' : ended === 0 ? 'done' : `exit code ${ended}`,
        ]);
        if (tested !== 0 || (ended ?? 0) !== 0) process.exitCode = 1;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    console.log(formatTable(['Node.js', 'version', 'passed', 'failed', 'smoke run of the lab'], rows));
  });
await program.parseAsync();
