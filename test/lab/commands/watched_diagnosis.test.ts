import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/lab/cli/command_line.ts';
import { captureConsole } from './captured_console.ts';

const captured = captureConsole();
const run = (line: string) => main(line.split(' '));
const LINE =
  'train --data mnist --width 0.0625 --epochs 1 --max-per-class 12 --test-per-class 2 --batch-size 12 --rung subgroup';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-diagnose-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('wgrad train --diagnose', () => {
  it('leaves the same results and weights, and says at the end that nothing is wrong', async () => {
    const [plain, watched] = ['plain', 'watched'].map((name) => join(folder, name));
    expect(await run(`${LINE} --into ${plain}`)).toBe(0);
    captured.lines.length = 0;
    expect(await run(`${LINE} --into ${watched} --diagnose`)).toBe(0);
    expect(captured.lines.join('\n')).toContain('Nothing is wrong that can be seen');
    const [a, b] = [plain, watched].map((path) => JSON.parse(readFileSync(join(path, 'results.json'), 'utf8')));
    expect({ ...b, timings: null, environment: null }).toEqual({ ...a, timings: null, environment: null });
    const [one, other] = [plain, watched].map((path) => readFileSync(join(path, 'weights.safetensors')));
    expect(one.equals(other)).toBe(true);
  });

  it('warns once, when it is first found, and again at the end', async () => {
    expect(await run(`${LINE} --into ${join(folder, 'tiny')} --lr 1e-9 --diagnose`)).toBe(0);
    const warned = captured.lines.filter((line) => /^Step \d+: The learning rate is too small\./.test(line));
    expect(warned).toHaveLength(1);
    expect(captured.lines.join('\n')).toContain('1. The learning rate is too small.');
  });

  it('says what goes wrong where the training ends for it, and adds it to what --json prints', async () => {
    expect(await run(`${LINE} --into ${join(folder, 'nan')} --optimizer sgd --lr 1e30 --diagnose`)).toBe(2);
    expect(captured.lines.join('\n')).toContain('1. The learning rate is too large.');
    captured.lines.length = 0;
    expect(await run(`${LINE} --into ${join(folder, 'json')} --lr 1e-9 --diagnose --json`)).toBe(0);
    expect(JSON.parse(captured.lines[0]).findings).toMatchObject([{ cause: 'learning-rate-too-small' }]);
  });
});
