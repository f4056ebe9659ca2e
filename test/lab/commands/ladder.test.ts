import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LADDER_NAMES } from '../../../src/inspect/ladder/ladders.ts';
import { runLadderCommand } from '../../../src/lab/commands/ladder.ts';
import { captureConsole } from './captured_console.ts';

const captured = captureConsole();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wgrad-ladder-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('runLadderCommand', () => {
  it('prints each rung with its figures and its paragraph, and writes the roofline', async () => {
    const out = join(folder, 'new', 'here');
    expect(await runLadderCommand('softmax', { out, shape: '70x7', runs: 1 })).toBe(0);
    const text = captured.lines.join('\n');
    const words = ['softmax 70×7, on ', '(the peak)', 'loads per multiply-add', 'share of peak', 'All agree: '];
    for (const part of [...words, 'row *', 'naive (shaders/softmax_naive.wgsl)', 'An invocation owns a row']) {
      expect(text).toContain(part);
    }
    for (const name of ['softmax_roofline.svg', 'softmax_roofline.png']) expect(text).toContain(join(out, name));
    expect(await readFile(join(out, 'softmax_roofline.svg'), 'utf8')).toContain('naive');
  });

  it('lists the kernels where none is given', async () => {
    expect(await runLadderCommand(undefined, { out: folder })).toBe(0);
    for (const name of LADDER_NAMES) expect(captured.lines[0]).toMatch(new RegExp(`^  ${name}: `, 'm'));
  });

  it('prints one JSON object', async () => {
    expect(await runLadderCommand('batch-norm', { out: folder, shape: '2×3×8', runs: 1, json: true })).toBe(0);
    const result = JSON.parse(captured.lines.join('\n'));
    expect(result).toMatchObject({ ladder: 'batch-norm', shape: '2×3×3×8', correct: true, missing: [] });
    expect(result.figures).toHaveLength(2);
    expect(result.rungs.map(({ name }: { name: string }) => name)).toEqual(['naive', 'slices', 'vec4']);
    const fields = 'name shader taken ms gflops gbps loads shareOfPeak vsNaive error paragraph'.split(' ');
    for (const rung of result.rungs) expect(Object.keys(rung).sort()).toEqual([...fields].sort());
  });

  it.each(['3x4', '3x4x0', '3x4xa', '1x2x3x4'])('--shape %s: says what it wants', async (shape) => {
    await expect(runLadderCommand('matmul', { out: folder, shape })).rejects.toThrow(
      `--shape of matmul is M x K x N, as in 512x576x512, not '${shape}'.`,
    );
  });
});
