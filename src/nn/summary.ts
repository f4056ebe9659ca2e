import type { Shape } from '../autograd/tensor.ts';
import type { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** A module in a summary. */
export interface SummaryRow {
  /** Dotted name, '' for the model itself. */
  name: string;
  /** The module's class. */
  type: string;
  /** What distinguishes it from others of its class: '3 → 64, 3×3'. */
  details: string;
  outputShape: Shape;
  /** Of its own, its children's not counted; 0 where an earlier row has counted them. */
  parameters: number;
  /** For one sample, of its own. */
  flops: number;
}

/** What a model consists of; see `summarize`. */
export interface Summary {
  /** One row for each call of a module that has no children, or that has parameters or arithmetic of its own, in the order of the calls. */
  rows: SummaryRow[];
  totals: {
    parameters: number;
    trainableParameters: number;
    /** For one sample. Of convolutions and matrix products, as is the custom; one multiply-add is two. */
    flops: number;
  };
}

/** Numbers in a model's parameters, and in those that are not frozen. */
export function countParameters(model: Module): { parameters: number; trainableParameters: number } {
  let parameters = 0;
  let trainableParameters = 0;
  for (const parameter of model.parameters()) {
    parameters += parameter.size;
    if (parameter.requiresGrad) trainableParameters += parameter.size;
  }
  return { parameters, trainableParameters };
}

/**
 * What a model consists of, found without running it. inputShape: as `call` takes it, [N, H, W, C] for images; FLOPs are given for one of
 * the N, for convolutions and linear layers alone (the rest is a few per cent), one multiply-add counting as two.
 * Throws ShapeError where the model does not take such an input.
 */
export function summarize(model: Module, inputShape: Shape): Summary {
  const rows: SummaryRow[] = [];
  const counted = new Set<Parameter>();
  const removers = model.namedModules().map(([name, module]) =>
    module.registerShapeHook((_module, input, outputShape) => {
      const own = module.ownParameters().filter((parameter) => !counted.has(parameter));
      for (const parameter of own) counted.add(parameter);
      const parameters = own.reduce((sum, parameter) => sum + parameter.size, 0);
      const flops = module.flops(input) / inputShape[0];
      const hasChildren = !module.namedChildren().next().done;
      if (hasChildren && parameters === 0 && flops === 0) return;
      rows.push({ name, type: module.constructor.name, details: module.details(), outputShape, parameters, flops });
    }),
  );
  try {
    model.inferShape(inputShape);
  } finally {
    for (const remove of removers) remove();
  }
  return { rows, totals: { ...countParameters(model), flops: rows.reduce((sum, row) => sum + row.flops, 0) } };
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** FLOPs with a unit: '0.310 GFLOP'. */
export function formatFlops(flops: number): string {
  const [unit, name] = flops >= 1e9 ? [1e9, 'GFLOP'] : flops >= 1e6 ? [1e6, 'MFLOP'] : [1e3, 'kFLOP'];
  return `${(flops / unit).toPrecision(3)} ${name}`;
}

/** Cells as lines of text, columns padded to their widest cell; the columns in `right` are flush right. */
function formatColumns(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (right.has(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** A summary as a table in plain text. */
export function formatSummary({ rows, totals }: Summary): string {
  const [head, ...lines] = formatColumns(
    [
      ['layer', 'type', 'output', 'parameters', 'FLOPs'],
      ...rows.map((row) => [
        row.name,
        row.details === '' ? row.type : `${row.type}(${row.details})`,
        `[${row.outputShape.slice(1).join(', ')}]`,
        row.parameters === 0 ? '' : formatCount(row.parameters),
        row.flops === 0 ? '' : formatFlops(row.flops),
      ]),
    ],
    new Set([3, 4]),
  );
  const rule = '-'.repeat(Math.max(head.length, ...lines.map((line) => line.length)));
  const { parameters, trainableParameters, flops } = totals;
  const total = `${formatCount(parameters)} parameters, ${formatCount(trainableParameters)} of them trainable; ${formatFlops(flops)} for one sample (multiply-add = 2)`;
  return [head, rule, ...lines, rule, total].join('\n');
}
