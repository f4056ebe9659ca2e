import { describe, expect, it } from 'vitest';
import { confidenceStatistics, errorAnalysis, errorsByClass } from '../../../src/lab/experiments/error_analysis.ts';
import { evaluationOf } from '../../../src/train/evaluation.ts';
import { useGpu } from '../../gpu.ts';
import { tinyContext, useRunsFolder } from '../improvements/tiny_trial.ts';
import { textsOf } from '../plots/read_figure.ts';

const held = useGpu();
const runs = useRunsFolder();

/** Of twenty test images, five of each class, images 0 and 4, of class 0, are taken for class 1, surely and unsurely. */
function probabilities(labels: Uint32Array): Float32Array {
  const rows = new Float32Array(4 * labels.length);
  for (const [i, label] of labels.entries()) {
    const [predicted, p] = i === 0 ? [1, 0.9] : i === 4 ? [1, 0.6] : [label, 0.75];
    rows.fill((1 - p) / 3, 4 * i, 4 * i + 4);
    rows[4 * i + predicted] = p;
  }
  return rows;
}

describe('errorsByClass and confidenceStatistics', () => {
  it('by hand', () => {
    const confusion = [
      [3, 2, 0],
      [0, 4, 0],
      [0, 0, 0],
    ];
    const others = { f1: 0, rocAuc: null, averagePrecision: null };
    const perClass = [
      { support: 5, precision: 1, recall: 0.6, ...others },
      { support: 4, precision: 4 / 6, recall: 1, ...others },
      { support: 0, precision: 0, recall: 0, ...others },
    ];
    expect(errorsByClass({ confusion, perClass })).toEqual([
      { total: 5, errors: 2, errorRate: 0.4, precision: 1, recall: 0.6 },
      { total: 4, errors: 0, errorRate: 0, precision: 4 / 6, recall: 1 },
      { total: 0, errors: 0, errorRate: null, precision: 0, recall: 0 },
    ]);
    const { count, mean, deviation } = confidenceStatistics([0.2, 0.4, 0.9]);
    expect(count).toBe(3);
    expect(mean).toBeCloseTo(0.5, 12);
    expect(deviation).toBeCloseTo(Math.sqrt((0.09 + 0.01 + 0.16) / 3), 12);
    expect(confidenceStatistics([])).toEqual({ count: 0, mean: null, deviation: null });
  });
});

describe('errorAnalysis', () => {
  it('counts, lists and draws what is wrong', async () => {
    const context = await tinyContext(held.gpu, runs.path);
    const { test } = context.data;
    const evaluation = evaluationOf(probabilities(test.labels), test);
    const { results, section } = await errorAnalysis(context, 'A network', evaluation);
    expect(results).toMatchObject({
      ...{ errors: 2, samples: 20, errorRate: 0.1, confidentErrors: 1 },
      confusedPairs: [{ truth: 0, predicted: 1, count: 2, rate: 0.4 }],
      confidence: { correct: { count: 18 }, wrong: { count: 2 } },
    });
    expect(results.confidence.wrong.mean).toBeCloseTo(0.75, 6);
    expect(results.confidence.wrong.deviation).toBeCloseTo(0.15, 6);
    // Eighteen right at 0.75, one wrong at 0.9 and one at 0.6, each value in a bin of its own.
    expect(results.expectedCalibrationError).toBeCloseTo((18 * 0.25 + 0.9 + 0.6) / 20, 6);
    expect(results.perClass[0]).toMatchObject({ total: 5, errors: 2, errorRate: 0.4, recall: 0.6 });

    expect(context.figures.map(({ name }) => name)).toEqual([
      'confusion_matrices',
      'misclassified',
      'confidence_histogram',
      'confidence_box_plot',
      'calibration_curve',
    ]);
    const [, grid, histogram] = context.figures;
    expect(textsOf(grid)).toEqual(
      expect.arrayContaining(['true: top left', 'predicted: top right', 'confidence 0.90', 'confidence 0.60']),
    );
    expect(textsOf(histogram)).toContain('Wrong: 2 predictions, mean confidence 0.750');
    const findings = section.flatMap((block) => (block.kind === 'finding' ? [block.text] : []));
    expect(findings[0]).toBe('A network gets 2 of 20 test images wrong, an error rate of 10.0 %.');
    expect(findings).toContain(
      'The class with the highest error rate is top left, 40.0 %, which has 15 training images.',
    );
    expect(findings).toContain(
      'The 2 classes with the fewest training images are less often wrong than the 2 with the most: their error rates are 0.0 % and 20.0 % in the mean.',
    );
    expect(findings.at(-1)).toContain('on the whole not sure enough.');
    const tables = section.flatMap((block) => (block.kind === 'table' ? [block] : []));
    expect(tables[0].rows[0]).toEqual(['top left', 5, 2, '40.0 %', '100.0 %', '60.0 %']);
    expect(tables[1].rows).toEqual([['top left', 'top right', 2, '40.0 %']]);
  });

  it('draws no grid where nothing is wrong', async () => {
    const context = await tinyContext(held.gpu, runs.path);
    const { test } = context.data;
    const right = new Float32Array(4 * test.count);
    for (const [i, label] of test.labels.entries()) right[4 * i + label] = 1;
    const { results } = await errorAnalysis(context, 'A network', evaluationOf(right, test));
    expect(results).toMatchObject({ errors: 0, errorRate: 0, confusedPairs: [], expectedCalibrationError: 0 });
    expect(context.figures.map(({ name }) => name)).not.toContain('misclassified');
  });
});
