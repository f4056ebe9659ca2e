import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LearnOptions, runLearn } from '../../../src/lab/commands/learn.ts';
import { EXERCISES, templateOf } from '../../../src/learn/index.ts';
import { readShader } from '../../../src/node.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { captureConsole } from './captured_console.ts';

let folder: string;
let into: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-learn-'));
  into = join(folder, 'mine');
});
afterAll(() => rmSync(folder, { recursive: true }));

const captured = captureConsole();
const learn = (action: LearnOptions['action'], name?: string, more: Partial<LearnOptions> = {}) =>
  runLearn({ action, name, into, ...more });

describe('wgrad learn', () => {
  it('lists the exercises with what each teaches', async () => {
    expect(await learn('list')).toBe(0);
    const { lines } = captured;
    expect(lines).toHaveLength(2 * EXERCISES.length + 1);
    for (const [i, { name, title, teaches }] of EXERCISES.entries()) {
      expect(lines[2 * i]).toMatch(new RegExp(`^ ?${i + 1} {6}${name} +${title.slice(0, 10)}`));
      expect(lines[2 * i + 1]).toContain(teaches);
    }
    expect(lines.at(-1)).toMatch(/^0 of 14 are done/);
  });

  it('gives out the first that is not done, and never overwrites', async () => {
    expect(await learn('start')).toBe(0);
    const file = join(into, 'map.wgsl');
    expect(readFileSync(file, 'utf8')).toBe(templateOf(EXERCISES[0], readShader('scale')));
    expect(captured.lines.at(-1)).toContain('npx wgrad learn check map');
    writeFileSync(file, '// my work');
    await expect(learn('start', 'map')).rejects.toThrow(/is there already and may hold your work/);
    expect(readFileSync(file, 'utf8')).toBe('// my work');
  });

  it('gives one hint after another', async () => {
    const { hints } = EXERCISES[1];
    for (const [i, hint] of hints.entries()) {
      expect(await learn('hint', 'guard')).toBe(0);
      expect(captured.lines.at(-1)).toBe(`Hint ${i + 1} of ${hints.length}: ${hint}`);
    }
    await learn('hint', 'guard');
    expect(captured.lines.slice(-2)).toEqual([
      `Hint ${hints.length} of ${hints.length}: ${hints.at(-1)}`,
      'There are no more hints.',
    ]);
  });

  it('says what is wrong, with exit code 1, and does not count it as done', async () => {
    rmSync(join(into, 'map.wgsl'));
    await learn('start', 'map');
    expect(await learn('check', 'map')).toBe(1);
    const text = captured.lines.join('\n');
    expect(text).toContain('All 2050 elements of y are never written; the first is y[0].');
    expect(text).toContain('What this usually means: ');
    expect(text).toContain('npx wgrad learn step map --invocation 0,0,0');
    await learn('list');
    expect(captured.lines.at(-1)).toMatch(/^0 of 14/);
  });

  it('names the file, line and column where it does not compile', async () => {
    writeFileSync(join(into, 'guard.wgsl'), readShader('relu').replace('params.vectors)', 'params.vector)'));
    expect(await learn('check', 'guard')).toBe(1);
    expect(captured.lines[0]).toMatch(/mine[\\/]guard\.wgsl:21:\d+: .*vector/);
  });

  it('praises what is right, with its speed, what to read and what comes next, and remembers it', async () => {
    writeFileSync(join(into, 'map.wgsl'), readShader('scale'));
    expect(await learn('check', 'map')).toBe(0);
    const text = captured.lines.join('\n');
    expect(text).toContain("'map' is right.");
    expect(text).toMatch(
      /Speed on 2000000 elements, factor 1\.5: [\d.]+ ms, [\d.]+ GB\/s\.\n {2}The engine's scale\.wgsl: [\d.]+ ms; yours takes [\d.]+ times as long\./,
    );
    expect(text).toContain('Read next: shaders/binary.wgsl');
    expect(captured.lines.at(-1)).toBe('Next exercise: npx wgrad learn start guard');
    await learn('list');
    expect(captured.lines.at(-1)).toMatch(/^1 of 14/);
    expect(captured.lines.some((line) => line.startsWith(' 1 done map'))).toBe(true);
  });

  it('walks one invocation', async () => {
    expect(await learn('step', 'map', { invocation: [1, 0, 0] })).toBe(0);
    expect(captured.lines[0]).toBe('The small case: 10 elements, factor 3.');
    expect(captured.lines.slice(1, 3)).toEqual(['  19  let i = id.y * groups.x * 256u + id.x;', '        i = 1']);
    expect(captured.lines.at(-1)).toMatch(/^y\[7\]: .* equal within float32\.$/);
  });

  it('keeps no solution in the folder', () => {
    expect(readdirSync(into).sort()).toEqual(['guard.wgsl', 'map.wgsl', 'progress.json']);
  });

  it('says what it cannot do', async () => {
    await expect(learn('check', 'nothing')).rejects.toThrow(/There is no exercise 'nothing'; there are: map, guard/);
    await expect(learn('check', 'adam')).rejects.toThrow(/adam\.wgsl; begin with npx wgrad learn start adam/);
    await expect(learn('step', 'map', { invocation: [9999, 0, 0] })).rejects.toThrow(UserError);
    writeFileSync(join(into, 'progress.json'), '{}');
    await expect(learn('list')).rejects.toThrow(/does not hold what the exercises wrote there/);
  });
});
