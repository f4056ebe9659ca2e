import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchSource } from '../../src/data/batch_source.ts';
import { runLab } from '../../src/lab/commands/lab.ts';
import { runMerge } from '../../src/lab/commands/merge.ts';
import { EXPERIMENTS } from '../../src/lab/experiments/index.ts';
import { type LabResults, labResultsSchema } from '../../src/lab/run/lab_results.ts';
import { PRESETS } from '../../src/lab/run/presets.ts';
import { SCORE_NAMES } from '../../src/metrics/scores.ts';

/** Many short trainings: a minute on a quiet machine of two cores without a GPU, several on a busy one. */
const PATIENCE = 900_000;

let out: string;
let run: string;
let results: LabResults;

const file = (...parts: string[]) => join(run, ...parts);
const lab = (resume?: string) =>
  runLab({ preset: 'smoke', data: 'mnist', out, seed: 42, resume, signal: new AbortController().signal });
const read = () => JSON.parse(readFileSync(file('results.json'), 'utf8')) as LabResults;

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'wgrad-smoke-'));
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await lab()).toBe(0);
  run = join(out, readdirSync(out)[0]);
  results = read();
}, PATIENCE);
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(out, { recursive: true });
});

describe('the whole lab in the smoke preset', () => {
  it('writes every file of a run', () => {
    expect(readdirSync(run).sort()).toEqual([
      ...['checkpoints', 'figures', 'history.csv', 'metrics.csv', 'report.html', 'results.json'],
    ]);
    const checkpoints = readdirSync(file('checkpoints'));
    for (const key of Object.keys(results.trainings)) expect(checkpoints).toContain(`${key}.safetensors`);
    const rows = readFileSync(file('metrics.csv'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(1 + Object.keys(results.trainings).length);
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
  });

  it('writes results that fit their schema, every experiment done', () => {
    expect(labResultsSchema.safeParse(results).error).toBeUndefined();
    expect(Object.keys(results.experiments)).toEqual(EXPERIMENTS.map(({ id }) => id));
    for (const [id, { status, section }] of Object.entries(results.experiments)) {
      expect(status, id).toBe('done');
      const kinds = new Set(section.map(({ kind }) => kind));
      for (const kind of ['table', 'figure'] as const) expect(kinds, id).toContain(kind);
    }
    expect(JSON.stringify(results.configuration.epochs)).toBe(JSON.stringify(PRESETS.smoke.epochs));
  });

  it('writes the results that docs/lab.md tells of, and no others', () => {
    const documentation = readFileSync(new URL('../../docs/lab.md', import.meta.url), 'utf8');
    const table = documentation.split('What experiments write under `results`:')[1];
    for (const { id } of EXPERIMENTS) {
      const row = table.match(new RegExp(`^\\| \`${id}\` \\|(.*)\\|$`, 'm'))?.[1] ?? '';
      // In brackets stand the fields of a field.
      const fields = [...row.replace(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, name]) => name);
      expect(fields.sort(), id).toEqual(Object.keys(results.experiments[id].results).sort());
    }
  });

  it('draws every figure as SVG and as PNG with more than one colour, and shows each with a sentence', () => {
    const shown = Object.values(results.experiments).flatMap(({ section }) =>
      section.flatMap((block) => (block.kind === 'figure' ? [block] : [])),
    );
    const names = shown.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(readdirSync(file('figures')).sort()).toEqual(names.flatMap((name) => [`${name}.png`, `${name}.svg`]).sort());
    for (const { name, caption } of shown) {
      const { data } = PNG.sync.read(readFileSync(file('figures', `${name}.png`)));
      const colours = new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4));
      expect(colours.size, name).toBeGreaterThan(1);
      expect(caption, name).toMatch(/\w.*\.$/s);
    }
    const report = readFileSync(file('report.html'), 'utf8');
    expect(report.match(/<img /g)).toHaveLength(names.length);
    expect(report).not.toContain('is gone');
  });

  it('sums ten configurations up by five scores', () => {
    const { rows, best } = results.experiments.summary.results as {
      rows: Record<string, unknown>[];
      best: { score: string }[];
    };
    expect(rows.map(({ name }) => name)).toEqual([
      ...['CustomCNN', 'ResNet-18', 'EfficientNet-B0', 'CE', 'focal', 'class-balanced', 'Adam', 'AdamW'],
      ...['Transfer (all)', 'Transfer (partial)'],
    ]);
    for (const row of rows)
      for (const score of SCORE_NAMES) expect(row[score], `${row.name}`).toEqual(expect.any(Number));
    expect(best.map(({ score }) => score)).toEqual([...SCORE_NAMES]);
  });

  it('names the best of all losses that PS4 trained, not of the ten configurations alone', () => {
    const { losses } = results.experiments.ps4.results as { losses: Record<string, { scores: { f1: number } }> };
    const f1 = Object.entries(losses).map(([name, { scores }]) => ({ name, f1: scores.f1 }));
    const highest = Math.max(...f1.map((one) => one.f1));
    const said = results.experiments.summary.section.flatMap((block) =>
      block.kind === 'finding' && block.text.startsWith('Best loss: ') ? [block.text] : [],
    );
    expect(said).toHaveLength(1);
    const named =
      losses['cross-entropy'].scores.f1 === highest
        ? ['none of the others']
        : f1.filter((one) => one.f1 === highest).map(({ name }) => name);
    expect(named.some((name) => said[0].startsWith(`Best loss: ${name} `))).toBe(true);
  });

  it(
    'resumes without training again, also an experiment whose results are lost',
    async () => {
      const steps = vi.spyOn(BatchSource.prototype, 'augmented');
      expect(await lab(run)).toBe(0);
      expect(read()).toEqual(results);
      const { ps4, ...others } = results.experiments;
      writeFileSync(file('results.json'), JSON.stringify({ ...results, experiments: others }));
      expect(await lab(run)).toBe(0);
      expect(steps).not.toHaveBeenCalled();
      const again = read();
      expect(again.experiments.ps4).toEqual(ps4);
      expect(again.trainings).toEqual(results.trainings);
    },
    PATIENCE,
  );

  it(
    'is what four shards leave that are merged, but for timings',
    async () => {
      const { signal } = new AbortController();
      const shards: string[] = [];
      for (const index of [1, 2, 3, 4]) {
        const parent = join(out, `shard-${index}`);
        expect(
          await runLab({ preset: 'smoke', data: 'mnist', out: parent, seed: 42, shard: { index, of: 4 }, signal }),
        ).toBe(0);
        shards.push(join(parent, readdirSync(parent)[0]));
      }
      const into = join(out, 'merged');
      expect(await runMerge(shards, { into, signal })).toBe(0);
      const merged = JSON.parse(readFileSync(join(into, 'results.json'), 'utf8')) as LabResults;
      const untimed = ({ timings: _, ...all }: LabResults) => JSON.stringify(all);
      expect(untimed(merged)).toBe(untimed(results));
      expect(Object.keys(merged.timings.trainings)).toEqual(Object.keys(results.timings.trainings));
    },
    2 * PATIENCE,
  );
});
