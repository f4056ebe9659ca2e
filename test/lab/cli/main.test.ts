import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/nn/weights/safetensors.ts';

const cli = fileURLToPath(new URL('../../../src/lab/cli/main.ts', import.meta.url));
/** Node's arguments for the program from its sources: the process itself, no launcher in between. */
const program = ['--import', import.meta.resolve('tsx'), cli];
const TINY = '--preset smoke --data mnist --width 0.0625 --batch-size 16 --max-per-class 24'.split(' ');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** In the environment, hides all Vulkan drivers. */
const NO_DRIVER = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };

/** The program in an empty folder; the time limit makes a process that does not end by itself a failure. */
function wgrad(args: string[], variables: Record<string, string> = {}) {
  const env = { ...process.env, WGRAD_DATA: '', ...variables };
  return spawnSync(process.execPath, [...program, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000, env });
}

/** What the program itself wrote to standard error: drivers write warnings of their own there. */
function ownLines(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: '));
}

describe('the program', () => {
  it('prints one sentence for a mistake, writes nothing and exits with 2', () => {
    const { status, stdout, stderr } = wgrad(['lab', '--epochs', '0']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^wgrad: option '--epochs <n>' argument '0' is invalid\. It must be [^\n]+\.\n$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lists the networks as JSON without a driver, and nothing else on standard output', () => {
    const { status, stdout, stderr } = wgrad(['models', '--json', '--width', '0.25'], NO_DRIVER);
    expect(status, stderr).toBe(0);
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    expect(names).toEqual([
      'custom-cnn',
      'resnet18',
      'resnet34',
      'resnet20',
      'resnet32',
      'resnet44',
      'resnet56',
      'resnet110',
      'efficientnet-b0',
    ]);
  });

  it('exits with 2 and one sentence where weights are not there', () => {
    const { status, stdout, stderr } = wgrad(['evaluate', '--model', 'resnet20', '--weights', 'nosuch.pth']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(ownLines(stderr)).toEqual(['wgrad: The weights nosuch.pth cannot be read: there is no such file.']);
  });

  it('exits with 1 and one sentence where the device fails', () => {
    const { status, stderr } = wgrad(['lab', '--adapter', 'nosuch']);
    expect(status).toBe(1);
    expect(ownLines(stderr)).toEqual([expect.stringMatching(/^wgrad: No adapter matches 'nosuch'\. Found: /)]);
    expect(existsSync(join(folder, 'runs')) ? readdirSync(join(folder, 'runs')) : []).toEqual([]);
  });

  it('saves at Ctrl-C, exits with 130, and goes on later', async () => {
    const out = join(folder, 'interrupted');
    mkdirSync(out);
    const child = spawn(process.execPath, [...program, 'lab', 'ps4', ...TINY, '--epochs', '2', '--out', out], {
      cwd: folder,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
      if (/^1\/8 \S+: \d+ % {2}epoch 1/m.test(stderr) && !child.killed) child.kill('SIGINT');
    });
    const exit = await new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
    expect(exit, stderr).toEqual({ code: 130, signal: null });
    expect(ownLines(stderr)).toContain('Stopping after the step under way and saving; once more to stop at once.');

    const run = join(out, readdirSync(out)[0]);
    expect(stdout).toContain(`go on with: npm run lab -- --resume ${run}`);
    const results = () => JSON.parse(readFileSync(join(run, 'results.json'), 'utf8'));
    expect(results().experiments.ps4.status).toBe('stopped');
    const [checkpoint] = readdirSync(join(run, 'checkpoints'));
    const { metadata } = readSafetensors(readFileSync(join(run, 'checkpoints', checkpoint)));
    const { epoch, step } = JSON.parse(metadata.position);
    expect(epoch * 1000 + step).toBeGreaterThan(0);
    expect(readdirSync(run, { recursive: true }).filter((name) => `${name}`.endsWith('.partial'))).toEqual([]);

    const { status, stdout: rest } = wgrad(['lab', '--resume', run]);
    expect(status).toBe(0);
    expect(rest).toContain(`Results and figures: ${run}`);
    expect(results().experiments.ps4.status).toBe('done');
    expect(Object.values(results().trainings)).toEqual(
      Array(8).fill(expect.objectContaining({ history: [expect.anything(), expect.anything()] })),
    );
    expect(readdirSync(run).sort()).toEqual(
      ['checkpoints', 'figures', 'history.csv', 'metrics.csv', 'report.html', 'results.json'].sort(),
    );
  });
});
