import { z } from 'zod';

/** A piece of an experiment's section in the report. Plain data: it is kept in results.json, and the report is made from that alone. */
export const blockSchema = z.discriminatedUnion('kind', [
  /** Running text. */
  z.strictObject({ kind: z.literal('paragraph'), text: z.string() }),
  /** A sentence that this run's numbers support. */
  z.strictObject({ kind: z.literal('finding'), text: z.string() }),
  /** Rows of texts and numbers under a header; the first column names the row. null: no value. */
  z.strictObject({
    kind: z.literal('table'),
    caption: z.string(),
    header: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  }),
  /** A picture: figures/NAME.svg and .png. */
  z.strictObject({ kind: z.literal('figure'), name: z.string(), title: z.string(), caption: z.string() }),
]);

/** A part of a section of the report. */
export type Block = z.infer<typeof blockSchema>;
/** A figure in the report. */
export type FigureBlock = Extract<Block, { kind: 'figure' }>;
/** A cell of a table; null is shown as –. */
export type Cell = string | number | null;

/** A paragraph of the report. */
export function paragraph(text: string): Block {
  return { kind: 'paragraph', text };
}

/** text: one sentence, made from numbers of this run. */
export function finding(text: string): Block {
  return { kind: 'finding', text };
}

/** caption: a sentence on what the table shows. Numbers are printed as they come, so round them, or give texts such as `percent` makes. */
export function table(caption: string, header: readonly string[], rows: readonly (readonly Cell[])[]): Block {
  rows.forEach((row, r) => {
    if (row.length === header.length) return;
    throw new RangeError(`table: row ${r} has ${row.length} cells, the header ${header.length}.`);
  });
  return { kind: 'table', caption, header: [...header], rows: rows.map((row) => [...row]) };
}
