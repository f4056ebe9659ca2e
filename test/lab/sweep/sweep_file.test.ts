import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSweep, shardOf, sweepTrainings } from '../../../src/lab/sweep/sweep_file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-sweep-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, name = 'study.yaml') {
  writeFileSync(join(folder, name), text);
  return readSweep(join(folder, name));
}

describe('a study', () => {
  it('is a grid of recipes with seeds, the same as YAML and as JSON', async () => {
    const yaml = await read(
      'data: mnist\nimbalance: 20\nbase: {epochs: 3}\ngrid:\n  loss: [ce, focal]\n  lr: [0.1, 0.01]\nseeds: [7, 8]\n',
    );
    const json = await read(
      '{"data": "mnist", "imbalance": 20, "base": {"epochs": 3}, "grid": {"loss": ["ce", "focal"], "lr": [0.1, 0.01]}, "seeds": [7, 8]}',
      'study.json',
    );
    expect(json).toEqual(yaml);
    const trainings = sweepTrainings(yaml);
    expect(trainings.map(({ name }) => name)).toEqual([
      ...[
        '1-custom-cnn-ce-adam-seed-7',
        '2-custom-cnn-ce-adam-seed-8',
        '3-custom-cnn-ce-adam-seed-7',
        '4-custom-cnn-ce-adam-seed-8',
      ],
      ...[
        '5-custom-cnn-focal-adam-seed-7',
        '6-custom-cnn-focal-adam-seed-8',
        '7-custom-cnn-focal-adam-seed-7',
        '8-custom-cnn-focal-adam-seed-8',
      ],
    ]);
    expect(trainings.map(({ recipe: { loss, lr, epochs } }) => [loss, lr, epochs])).toEqual([
      ...[
        ['ce', 0.1, 3],
        ['ce', 0.1, 3],
        ['ce', 0.01, 3],
        ['ce', 0.01, 3],
      ],
      ...[
        ['focal', 0.1, 3],
        ['focal', 0.1, 3],
        ['focal', 0.01, 3],
        ['focal', 0.01, 3],
      ],
    ]);
    expect(trainings[4].given).toEqual({ epochs: 3, loss: 'focal', lr: 0.1, seed: 7 });
  });

  it('is one training where it says nothing', async () => {
    expect(sweepTrainings(await read('data: mnist')).map(({ name }) => name)).toEqual(['1-custom-cnn-ce-adam-seed-42']);
  });

  it.each<[string, string]>([
    ['grid: {loss: ce}', 'grid.loss: '],
    ['grid: {loss: []}', 'grid.loss: '],
    ['grids: {}', 'grids'],
    ['base: {magic: 1}', 'magic'],
    ['seeds: [-1]', 'seeds.0: '],
    ['imbalance: 0.5', 'imbalance: '],
    ['a: [', 'is no YAML or JSON: '],
    ['just text', 'cannot be used: '],
  ])('%s is refused in one sentence', async (text, words) => {
    const error = await read(text).catch((error) => error);
    expect(error.name).toBe('UserError');
    expect(error.message).toContain(words);
    expect(error.message).toMatch(/^The sweep [^\n]+\.$/);
  });

  it('refuses a training that cannot be, before any is made', async () => {
    const sweep = await read('grid: {lr: [0.1, -1]}');
    expect(() => sweepTrainings(sweep)).toThrow('In the sweep lr must be a number of at least 0, not -1.');
    const odd = await read('base: {gamma: 3}\ngrid: {loss: [focal, ce]}');
    expect(() => sweepTrainings(odd)).toThrow('--gamma says nothing with --loss ce');
    await expect(readSweep(join(folder, 'none.yaml'))).rejects.toThrow('cannot be read');
  });
});

it('shards are every n-th, and together the whole', () => {
  const all = [1, 2, 3, 4, 5, 6, 7];
  const shards = [1, 2, 3].map((index) => shardOf(all, { index, of: 3 }));
  expect(shards).toEqual([
    [1, 4, 7],
    [2, 5],
    [3, 6],
  ]);
});
