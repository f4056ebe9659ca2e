import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runLab } from '../../../src/lab/commands/lab.ts';
import { ps6 } from '../../../src/lab/experiments/ps6.ts';

let folder: string;
let lines: string[];
let progress: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-ps6-'));
  lines = [];
  progress = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    progress.push(`${text}`);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe('ps6', () => {
  it('transfers by both strategies from a task that was learnt here, and compares them with training from scratch', async () => {
    const options = { preset: 'smoke', data: 'mnist', seed: 42, batchSize: 16, maxPerClass: 24, imbalance: 4 } as const;
    expect(await runLab({ ...options, out: folder, signal: new AbortController().signal }, [ps6])).toBe(0);
    const [run] = readdirSync(folder);
    const { experiments, trainings } = JSON.parse(readFileSync(join(folder, run, 'results.json'), 'utf8'));
    const { status, results, section } = experiments.ps6;
    expect(status).toBe('done');
    expect(Object.keys(results.configurations)).toEqual(['From scratch', 'Transfer (all)', 'Transfer (partial)']);
    for (const { scores } of Object.values<{ scores: object }>(results.configurations)) {
      expect(Object.keys(scores)).toEqual([
        ...['balancedAccuracy', 'macroF1'],
        ...['accuracy', 'precision', 'recall', 'f1', 'rocAuc'],
      ]);
    }
    const { parameters, gains, configurations, source } = results;
    expect(parameters['Transfer (all)']).toEqual({ trainable: parameters['From scratch'].trainable, frozen: 0 });
    const partial = parameters['Transfer (partial)'];
    expect(partial.trainable + partial.frozen).toBe(parameters['From scratch'].trainable);
    expect(partial.frozen).toBeGreaterThan(0);
    expect(gains['Transfer (all)'].accuracy).toBe(
      configurations['Transfer (all)'].scores.accuracy - configurations['From scratch'].scores.accuracy,
    );
    expect(source).toMatchObject({ name: 'rotation', ownImages: false, images: 200 });
    const recorded = Object.values<{ variant: string | null; ownData: boolean }>(trainings);
    expect(recorded.length).toBe(4);
    expect(recorded.filter(({ ownData }) => !ownData).map(({ variant }) => variant)).toEqual(['rotation']);
    // The pretraining is one of the trainings that the time left is reckoned for, and comes first.
    for (const place of ['1/4 resnet18-ce-adam-none-rotation', '2/4 ', '3/4 ', '4/4 ']) {
      expect(
        progress.some((line) => line.includes(place)),
        place,
      ).toBe(true);
    }
    const figures = section.filter(({ kind }: { kind: string }) => kind === 'figure');
    expect(figures.map(({ name }: { name: string }) => name)).toEqual(['ps6_training_curves', 'ps6_metric_bars']);
    const text = lines.join('\n');
    expect(text).toContain('No ImageNet weights were at hand');
    expect(text).toContain('frozen');
  });
});
