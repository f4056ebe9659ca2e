import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runLab } from '../../../src/lab/commands/lab.ts';
import { ps7 } from '../../../src/lab/experiments/ps7.ts';
import { labResultsSchema } from '../../../src/lab/run/lab_results.ts';

let out: string;
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'wgrad-ps7-'));
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(out, { recursive: true });
});

describe('PS7', () => {
  it('analyses errors and measures the improvements that were asked for, into results, report and figures', async () => {
    const { signal } = new AbortController();
    const improvements = ['rejection', 'se'];
    const size = { epochs: 1, batchSize: 32, width: 1 / 16, maxPerClass: 24, imbalance: 4 };
    expect(await runLab({ preset: 'smoke', data: 'mnist', seed: 42, out, signal, improvements, ...size }, [ps7])).toBe(
      0,
    );
    const [run] = readdirSync(out).map((name) => join(out, name));
    const results = labResultsSchema.parse(JSON.parse(readFileSync(join(run, 'results.json'), 'utf8')));
    expect(results.configuration.improvements).toEqual(improvements);
    const found = results.experiments.ps7.results as Record<string, unknown> & { improvements: { name: string }[] };
    expect(found.improvements.map(({ name }) => name)).toEqual(['se', 'rejection']);
    expect(found).toMatchObject({ samples: 200, validationImages: 25, minorityClasses: [7, 8, 9] });
    // PS3's network, the baseline of the improvements, and the one with attention.
    expect(Object.values(results.trainings).map(({ variant }) => variant)).toEqual([null, 'held-out', 'se']);
    const figures = ['confusion_matrices', 'misclassified', 'confidence_histogram', 'confidence_box_plot'];
    figures.push('calibration_curve', 'improvements', 'rejection_curve');
    for (const name of figures) {
      const { width, data } = PNG.sync.read(readFileSync(join(run, 'figures', `ps7_${name}.png`)));
      expect(width).toBeGreaterThan(400);
      expect(new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4)).size, name).toBeGreaterThan(10);
    }
    const report = readFileSync(join(run, 'report.html'), 'utf8');
    for (const text of ['test images wrong', 'kept back from these trainings', 'squeeze-and-excitation']) {
      expect(report).toContain(text);
    }
  });
});
