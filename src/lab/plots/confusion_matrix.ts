import { requireCounts, requireLength, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { cellWidthFor, colourBar, matrixPanel } from './matrix_panel.ts';
import { layOutPanels, type Panel } from './panels.ts';
import { linearScale, type Scale } from './ticks.ts';

export interface ConfusionMatrix extends FigureOptions {
  classNames: readonly string[];
  /** matrix[t][p]: how many samples of class t were predicted as class p. */
  matrix: readonly (readonly number[])[];
}

/** More classes than this, and the cells have colours alone. */
const MOST_NUMBERED_CLASSES = 25;

/** Confusion matrix with its counts in the cells, or in their colours alone where it has over 25 classes: true classes down, predicted across. */
export function confusionMatrix(input: ConfusionMatrix): Figure {
  const { classNames, matrix } = input;
  checkMatrix('confusionMatrix', 'matrix', classNames, matrix);
  const text = withDefaults(input, {
    name: 'confusion_matrix',
    title: 'Confusion matrix',
    caption: `${describeCells(classNames, MEASURES.false)} ${READING}`,
  });
  const panels = matrixRow(classNames, [{ matrix }]);
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels }] }));
}

export interface ConfusionMatrices extends FigureOptions {
  classNames: readonly string[];
  /**
   * From left to right, as three models or one matrix raw and normalised: with percentages of each row's sum in place of the counts, and
   * dashes for a class without samples.
   */
  panels: readonly { title: string; matrix: readonly (readonly number[])[]; normalised?: boolean }[];
}

/** Confusion matrices in a row. Neighbours of the same kind, raw or normalised, share one colour scale. */
export function confusionMatrices(input: ConfusionMatrices): Figure {
  const { classNames, panels } = input;
  requireSome('confusionMatrices', 'panels', panels);
  panels.forEach(({ matrix }, i) => {
    checkMatrix('confusionMatrices', `panels[${i}].matrix`, classNames, matrix);
  });
  const kinds = [...new Set(panels.map((panel) => panel.normalised ?? false))];
  const text = withDefaults(input, {
    name: 'confusion_matrices',
    title: 'Confusion matrices',
    caption: `${describeCells(classNames, kinds.length === 1 ? MEASURES[`${kinds[0]!}`] : EITHER)} ${READING}`,
  });
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels: matrixRow(classNames, panels) }] }));
}

const READING = 'Rows are the true classes, columns the predicted ones; the diagonal is right.';

const MEASURES = { false: 'the number of samples', true: 'the percentage of the true class' };
const EITHER = 'the number of samples or, where the title says so, the percentage of the true class';

function describeCells(classNames: readonly string[], measure: string): string {
  return `${isDense(classNames) ? 'The colour of a cell is' : 'Cells hold'} ${measure}.`;
}

function isDense(classNames: readonly string[]): boolean {
  return classNames.length > MOST_NUMBERED_CLASSES;
}

function checkMatrix(
  figure: string,
  argument: string,
  classNames: readonly string[],
  matrix: readonly (readonly number[])[],
): void {
  requireSome(figure, 'classNames', classNames);
  requireLength(figure, argument, matrix, classNames.length, 'classNames');
  matrix.forEach((row, t) => {
    requireLength(figure, `${argument}[${t}]`, row, classNames.length, 'classNames');
    requireCounts(figure, `${argument}[${t}]`, row);
  });
}

interface MatrixInput {
  title?: string;
  matrix: readonly (readonly number[])[];
  normalised?: boolean;
}

function matrixRow(classNames: readonly string[], inputs: readonly MatrixInput[]): Panel[] {
  const panels: Panel[] = [];
  // A run of neighbours of one kind shares the scale, and the colour bar after its last.
  const counts = inputs.filter((input) => !input.normalised).flatMap((input) => input.matrix.flat());
  const countScale = linearScale(counts, { zero: true, minStep: 1 });
  // Cells of one size, so that the rows of all matrices stand in line.
  const cells = inputs.map((input) => {
    const values = input.normalised ? input.matrix.map(percentOfSum) : input.matrix;
    const format = input.normalised ? (value: number) => value.toFixed(1) : (value: number) => `${value}`;
    return { values, format };
  });
  const minCellWidth = Math.max(30, ...cells.map(({ values, format }) => cellWidthFor(values, format)));
  inputs.forEach((input, i) => {
    const normalised = input.normalised ?? false;
    const scale = normalised ? PERCENT : countScale;
    const panel = matrixPanel({
      title: input.title,
      rows: classNames,
      columns: classNames,
      rowName: i === 0 ? 'true class' : undefined,
      columnName: 'predicted class',
      ...cells[i]!,
      scale,
      minCellWidth,
      dense: isDense(classNames),
      rowLabels: i === 0 ? 'shown' : 'none',
    });
    panels.push(panel);
    const next = inputs[i + 1];
    if (!next || (next.normalised ?? false) !== normalised) {
      panels.push(colourBar(scale, normalised ? '% of the true class' : 'samples', panel.height));
    }
  });
  return panels;
}

const PERCENT: Scale = linearScale([0, 100]);

function percentOfSum(row: readonly number[]): number[] {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((count) => (sum === 0 ? Number.NaN : (100 * count) / sum));
}
