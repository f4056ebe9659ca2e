import { escapeXml } from '../plots/figure.ts';
import type { Block, Cell } from '../run/blocks.ts';

/** A text for the page: escaped, and a unit on the line of its number. */
export function text(words: string): string {
  return escapeXml(words).replace(/(?<=[\d–]) (?=%|±|points?\b|min\b|s\b|h\b)|(?<=±) (?=\d)/g, '\u00a0');
}

/** The SVG of a figure by its name; undefined where the file is gone. */
export type FigureSource = (name: string) => Promise<string | undefined>;

/** Blocks as HTML, from top to bottom; findings that follow each other become one list. */
export async function blocksHtml(blocks: readonly Block[], figures: FigureSource): Promise<string> {
  const parts: string[] = [];
  let findings: string[] = [];
  const flush = () => {
    if (findings.length > 0) parts.push(findingsHtml(findings));
    findings = [];
  };
  for (const block of blocks) {
    if (block.kind === 'finding') {
      findings.push(block.text);
      continue;
    }
    flush();
    parts.push(await blockHtml(block, figures));
  }
  flush();
  return parts.join('\n');
}

export function findingsHtml(findings: readonly string[]): string {
  return `<ul class="findings">\n${findings.map((one) => `<li>${text(one)}</li>`).join('\n')}\n</ul>`;
}

async function blockHtml(block: Exclude<Block, { kind: 'finding' }>, figures: FigureSource): Promise<string> {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${text(block.text)}</p>`;
    case 'table':
      return tableHtml(block.caption, block.header, block.rows);
    case 'figure':
      return figureHtml(block, await figures(block.name));
  }
}

/** A table under its caption; columns of numbers are flush right. */
export function tableHtml(caption: string, header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = header.map((_, c) => rows.length > 0 && rows.every((row) => isNumeric(row[c])));
  const mark = (c: number) => (numeric[c] ? ' class="number"' : '');
  const head = header.map((name, c) => `<th scope="col"${mark(c)}>${text(name)}</th>`).join('');
  const body = rows
    .map((row) => {
      const cells = row.map((cell, c) => {
        const shown = text(`${cell ?? '–'}`);
        return c === 0 ? `<th scope="row"${mark(c)}>${shown}</th>` : `<td${mark(c)}>${shown}</td>`;
      });
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('\n');
  const title = caption === '' ? '' : `<p>${text(caption)}</p>`;
  return `<div class="table">${title}<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div></div>`;
}

/** A number, alone or with a unit: '43.1 ± 0.8 %', '1,024', '0.310 GFLOP', or nothing. */
function isNumeric(cell: Cell): boolean {
  return cell === null || typeof cell === 'number' || /^([–−+±]?\s*[\d.,]+.*|–)$/.test(cell);
}

function figureHtml({ title, caption, name }: Extract<Block, { kind: 'figure' }>, svg: string | undefined): string {
  const under = `<figcaption>${text(caption)}</figcaption>`;
  if (svg === undefined)
    return `<figure><p class="failed">The file of the figure ${text(name)} is gone.</p>${under}</figure>`;
  const width = /<svg[^>]* width="([\d.]+)/.exec(svg)?.[1] ?? '640';
  const height = /<svg[^>]* height="([\d.]+)/.exec(svg)?.[1] ?? '480';
  const data = Buffer.from(svg).toString('base64');
  const image = `<img alt="${text(title)}" width="${width}" height="${height}" style="--width:${width}" src="data:image/svg+xml;base64,${data}">`;
  return `<figure><div class="scroll">${image}</div>${under}</figure>`;
}
