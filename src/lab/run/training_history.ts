import type { EpochRecord } from '../../train/epoch_record.ts';
import type { TrainingCourse } from '../plots/index.ts';

/** A training's course as a table for history.csv: its columns and rows. seconds: of each epoch. */
export function historyTable(
  history: readonly EpochRecord[],
  seconds: readonly number[],
): [columns: string[], rows: Record<string, number | string>[]] {
  const measured = {
    validationLoss: 'loss',
    validationAccuracy: 'accuracy',
    validationBalancedAccuracy: 'balancedAccuracy',
    validationMacroF1: 'macroF1',
  } as const;
  const validated = history.some(({ validation }) => validation !== undefined);
  const columns = validated ? Object.keys(measured) : [];
  const rows = history.map(({ epoch, loss, accuracy, validation }, i) => ({
    ...{ epoch, loss, accuracy, seconds: seconds[i].toFixed(2) },
    ...Object.fromEntries(Object.entries(measured).map(([column, name]) => [column, validation?.[name] ?? ''])),
  }));
  return [['epoch', 'loss', 'accuracy', 'seconds', ...columns], rows];
}

/** The same for the figure of its curves: on the training images and, where they were looked at, the validation images. */
export function courseOf(name: string, history: readonly EpochRecord[]): TrainingCourse {
  const course = {
    name,
    loss: history.map(({ loss }) => loss),
    accuracy: history.map(({ accuracy }) => accuracy),
  };
  if (!history.some(({ validation }) => validation !== undefined)) return course;
  return {
    ...course,
    evalLoss: history.map(({ validation }) => validation?.loss ?? Number.NaN),
    evalAccuracy: history.map(({ validation }) => validation?.accuracy ?? Number.NaN),
  };
}
