import { describe, it } from 'vitest';
import { precisionRecallF1 } from '../../src/metrics/precision_recall_f1.ts';
import { classificationCases, expectClose } from './classification_fixture.ts';

describe('precisionRecallF1', () => {
  it.each(classificationCases)('agrees with scikit-learn: $name', (of) => {
    const { perClass, macro, weighted } = precisionRecallF1(of.confusion);
    for (const [at, key] of (['precision', 'recall', 'f1', 'support'] as const).entries()) {
      expectClose(
        perClass.map((scores) => scores[key]),
        of.perClass[at],
      );
    }
    expectClose([macro.precision, macro.recall, macro.f1], of.macro);
    expectClose([weighted.precision, weighted.recall, weighted.f1], of.weighted);
  });
});
