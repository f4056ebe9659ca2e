import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { copyTree, logShaders } from './copied_tree.ts';

/** Which test files concern which source, and how long each takes. */
export interface TestMap {
  /** Test files that dispatch a shader, by its name. */
  shaders: Record<string, string[]>;
  seconds: Record<string, number>;
}

const FOLDERS = ['test/kernels', 'test/autograd', 'test/nn'];

/** Runs the tests of kernels, operations and layers once in a copied tree that writes down who asks for which shader. Kept in `file`. */
export function testMap(root: string, file: string): TestMap {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  console.log('Finding out which test concerns which shader (some minutes, once) …');
  const tree = `${file}.tree`;
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  copyTree(root, tree);
  const log = join(tree, 'shaders.log');
  writeFileSync(log, '');
  logShaders(tree, log);
  const report = join(tree, 'report.json');
  spawnSync('node_modules/.bin/vitest', ['run', ...FOLDERS, '--reporter=json', `--outputFile=${report}`], {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const map: TestMap = { shaders: {}, seconds: {} };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, startTime, endTime, status } of testResults) {
    // What fails without a mutant says nothing about one.
    if (status === 'passed') map.seconds[relative(tree, name)] = (endTime - startTime) / 1000;
    else console.log(`${relative(tree, name)} fails as it is, and is left out.`);
  }
  for (const line of new Set(readFileSync(log, 'utf8').trim().split('\n'))) {
    const [path, shader] = line.split(' ');
    const test = relative(tree, path);
    if (map.seconds[test] === undefined) continue;
    map.shaders[shader] ??= [];
    map.shaders[shader].push(test);
  }
  rmSync(tree, { recursive: true });
  writeFileSync(file, JSON.stringify(map, null, 1));
  return map;
}

/** What concerns every rule: all operations in a table, against PyTorch, of NaN, and of nothing. */
const OF_EVERY_RULE = ['torch', 'nan', 'empty'].map((name) => `test/autograd/ops/${name}.test.ts`);

/** The test files of a source, the quickest first, up to so many seconds in sum; of a rule those of its name first. */
export function testsOf(file: string, map: TestMap, seconds: number): { files: string[]; known: number } {
  const quickest = (files: string[]) => files.sort((a, b) => map.seconds[a] - map.seconds[b]);
  const name = basename(file).replace(/\.\w+$/, '');
  let known: string[];
  if (file.endsWith('.wgsl')) known = quickest([...(map.shaders[name] ?? [])]);
  else {
    const own = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .map((path) => `test/${path}`)
      .filter((path) => map.seconds[path] !== undefined && new RegExp(`/${name}(2d)?\\.test\\.ts$`).test(path));
    known = [...new Set([...quickest(own), ...OF_EVERY_RULE.filter((path) => map.seconds[path] !== undefined)])];
  }
  let sum = 0;
  const files = known.filter((path, i) => {
    sum += map.seconds[path];
    return i === 0 || sum <= seconds;
  });
  return { files, known: known.length };
}
