import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const PATIENCE = 300_000;

let project: string;

/** Runs npm, the one that runs the tests if it does. */
function npm(args: readonly string[], cwd: string): string {
  const cli = process.env.npm_execpath;
  const [command, first] = cli === undefined ? ['npm', []] : [process.execPath, [cli]];
  return execFileSync(command, [...first, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs Node.js in the project that has the package installed. */
function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  return { status, stdout, stderr: stderr.replace(/^Warning: max.*\n/gm, '') };
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'wgrad-package-'));
  const answer = npm(['pack', '--json', '--pack-destination', project], root);
  const [{ filename }] = JSON.parse(answer.slice(answer.indexOf('[\n')));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', type: 'module', private: true }));
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`], project);
}, PATIENCE);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What each example is given, so that a test can wait for it, and a word that it prints. */
const EXAMPLES: Readonly<Record<string, { args?: string[]; prints: RegExp }>> = {
  'cifar10_loop.ts': { args: ['mnist', '20'], prints: /Test accuracy: / },
  'convolution_by_hand.ts': { prints: /float32: / },
  'digits_folder.ts': { args: ['digits', '20'], prints: /one: 20 images/ },
  'gradient_by_hand.ts': { prints: /dL\/d/ },
  'mnist.ts': { args: ['1'], prints: /Test accuracy: / },
  'own_experiment.ts': { args: ['runs', '1'], prints: /Report: / },
  'own_kernel.ts': { prints: /agrees with central differences in 35 elements/ },
};

describe('the packed package in an empty project', () => {
  it('runs every example', { timeout: 2 * PATIENCE }, () => {
    const files = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'));
    expect(files.sort()).toEqual(Object.keys(EXAMPLES));
    cpSync(join(root, 'examples'), join(project, 'examples'), { recursive: true });
    for (const [file, { args = [], prints }] of Object.entries(EXAMPLES)) {
      const loader = require.resolve('tsx/esm');
      const { status, stdout, stderr } = node('--import', loader, `examples/${file}`, ...args);
      expect([file, status, status === 0 ? '' : stderr]).toEqual([file, 0, '']);
      expect(stdout).toMatch(prints);
    }
  });

  it('has its command line, which runs what was compiled', () => {
    const bin = join(project, 'node_modules', 'wgrad', 'bin', 'wgrad.mjs');
    expect(existsSync(join(project, 'node_modules', 'wgrad', 'src'))).toBe(false);
    const { status, stdout } = node(bin, 'models');
    expect(status).toBe(0);
    expect(stdout).toContain('efficientnet-b0');
    expect(existsSync(join(project, 'node_modules', '.bin', 'wgrad'))).toBe(true);
  });

  it('gives out exercises', () => {
    const bin = join(project, 'node_modules', 'wgrad', 'bin', 'wgrad.mjs');
    expect(node(bin, 'learn', 'start', 'conv2d').status).toBe(0);
    expect(readFileSync(join(project, 'wgrad-exercises', 'conv2d.wgsl'), 'utf8')).toContain('TODO 1');
  });

  it('is found by CommonJS too', () => {
    writeFileSync(
      join(project, 'old.cjs'),
      "const { Philox } = require('wgrad'); console.log(new Philox(1).below(10));\n",
    );
    const { status, stdout } = node('old.cjs');
    expect([status, /^\d\n$/.test(stdout)]).toEqual([0, true]);
  });

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('has types under module %s and resolution %s', (module, moduleResolution) => {
    mkdirSync(join(project, 'typed'), { recursive: true });
    const use = `import { openDevice, type Tensor } from 'wgrad';
import { loadOwnImages } from 'wgrad/data';
import { openDeviceOn } from 'wgrad/engine';
import { runLab } from 'wgrad/lab';
import { EXERCISES } from 'wgrad/learn';
import { rocAuc } from 'wgrad/metrics';
import { exportOnnx } from 'wgrad/onnx';
import { shaders } from 'wgrad/shaders';
import { train } from 'wgrad/train';
const text: string = shaders('relu');
export const shape = (x: Tensor): readonly number[] => x.shape;
// @ts-expect-error: a seed is a number
void openDevice({ seed: 'x' });
console.log(text, loadOwnImages, openDeviceOn, runLab, EXERCISES, rocAuc, exportOnnx, train);
`;
    writeFileSync(join(project, 'typed', 'use.ts'), use);
    const tsc = require.resolve('typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023', '--skipLibCheck'];
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
    const { status, stdout } = node(
      tsc,
      ...options,
      ...types,
      '--module',
      module,
      '--moduleResolution',
      moduleResolution,
      'typed/use.ts',
    );
    expect([status, stdout]).toEqual([0, '']);
  });

  /** A page's program, which trains on the browser's GPU. */
  const page = `import { openDevice, Linear, tensor } from 'wgrad';
const gpu = await openDevice();
console.log(await new Linear(gpu, 2, 2).call(tensor(gpu, [1, 2], [1, 2])).data());
`;
  const expectBundle = (text: string) => {
    // The shaders are in it, and nothing of Node.js is.
    expect(text).toContain('@compute @workgroup_size');
    expect(text).toContain('navigator');
    expect(text).not.toMatch(/from\s*["']node:|require\(["']node:|from\s*["']webgpu["']/);
  };

  it('is bundled for browsers by esbuild, shaders included', async () => {
    writeFileSync(join(project, 'page.js'), page);
    const options = { bundle: true, write: false, format: 'esm', platform: 'browser', logLevel: 'silent' } as const;
    const { outputFiles } = await esbuild({
      ...options,
      entryPoints: [join(project, 'page.js')],
      absWorkingDir: project,
    });
    expectBundle(outputFiles[0].text);
  });

  it('is bundled for browsers by Vite, shaders included', { timeout: PATIENCE }, async () => {
    writeFileSync(join(project, 'page.js'), page);
    writeFileSync(join(project, 'index.html'), '<script type="module" src="/page.js"></script>');
    await vite({ root: project, logLevel: 'error', build: { outDir: 'site', target: 'esnext' } });
    const assets = join(project, 'site', 'assets');
    const [bundle] = readdirSync(assets).filter((file) => file.endsWith('.js'));
    expectBundle(readFileSync(join(assets, bundle), 'utf8'));
  });
});
