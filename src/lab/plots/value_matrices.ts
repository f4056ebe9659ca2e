import { requireLength, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { matrixPanel } from './matrix_panel.ts';
import { layOutPanels } from './panels.ts';
import { linearScale } from './ticks.ts';

/** A table of numbers as coloured cells, the largest the darkest. */
export interface ValueMatrix {
  title?: string;
  /** [rows][columns]; NaN is a grey cell. */
  values: readonly (readonly number[])[];
  /** Names of the rows and columns; their numbers, from 0, by default. */
  rows?: readonly string[];
  columns?: readonly string[];
  rowName?: string;
  columnName?: string;
  /** How a value is written in its cell. Default: as JavaScript does. */
  format?: (value: number) => string;
}

/** Tables side by side. */
export interface ValueMatrices extends FigureOptions {
  matrices: readonly ValueMatrix[];
}

/** Tables of numbers as coloured cells with the numbers in them, side by side, each with colours of its own. */
export function valueMatrices(input: ValueMatrices): Figure {
  requireSome('valueMatrices', 'matrices', input.matrices);
  const text = withDefaults(input, {
    name: 'matrices',
    title: 'Values',
    caption: 'Darker is larger; each table has colours of its own.',
  });
  const panels = input.matrices.map((matrix, m) => {
    const { values, title, rowName, columnName, format = String } = matrix;
    requireSome('valueMatrices', `matrices[${m}].values`, values);
    const width = values[0]!.length;
    const { rows = numbers(values.length), columns = numbers(width) } = matrix;
    requireLength('valueMatrices', `matrices[${m}].rows`, rows, values.length, 'values');
    requireLength('valueMatrices', `matrices[${m}].columns`, columns, width, 'values[0]');
    for (const [r, row] of values.entries()) {
      requireLength('valueMatrices', `matrices[${m}].values[${r}]`, row, width, 'values[0]');
    }
    const scale = linearScale(values.flat());
    return matrixPanel({ title, rows, columns, rowName, columnName, values, format, scale });
  });
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels }] }));
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
