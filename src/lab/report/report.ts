import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../atomic_file.ts';
import { escapeXml } from '../plots/figure.ts';
import type { Results } from '../results.ts';
import type { RunFolder } from '../run_folder.ts';
import type { Block, Cell } from './blocks.ts';

/** Writes report.html, one file that needs no other, from a run's results and figures. Returns its path. */
export async function writeReport(folder: RunFolder, results: Results): Promise<string> {
  const sections: string[] = [];
  for (const [id, { title, question, status, reason, section }] of Object.entries(results.experiments)) {
    const blocks: string[] = [];
    for (const block of section) blocks.push(await html(block, folder));
    const state = status === 'done' ? '' : `<p class="failed">${status}${reason ? `: ${escapeXml(reason)}` : ''}</p>`;
    sections.push(
      `<section id="${id}"><h2>${id.toUpperCase()}: ${escapeXml(title)}</h2><p>${escapeXml(question)}</p>${state}${blocks.join('\n')}</section>`,
    );
  }
  const path = folder.file('report.html');
  await writeFileAtomically(
    path,
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>wgrad lab</title><h1>wgrad lab</h1>${sections.join('\n')}</html>\n`,
  );
  return path;
}

async function html(block: Block, folder: RunFolder): Promise<string> {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${escapeXml(block.text)}</p>`;
    case 'finding':
      return `<p class="finding">${escapeXml(block.text)}</p>`;
    case 'listing':
      return `<figure><pre>${escapeXml(block.text)}</pre><figcaption>${escapeXml(block.caption)}</figcaption></figure>`;
    case 'table': {
      const row = (cells: readonly Cell[], tag: string) =>
        `<tr>${cells.map((cell) => `<${tag}>${escapeXml(`${cell ?? '–'}`)}</${tag}>`).join('')}</tr>`;
      const body = block.rows.map((cells) => row(cells, 'td')).join('');
      return `<table><caption>${escapeXml(block.caption)}</caption>${row(block.header, 'th')}${body}</table>`;
    }
    case 'figure': {
      const svg = await readFile(folder.file('figures', `${block.name}.svg`));
      return `<figure><img alt="${escapeXml(block.title)}" src="data:image/svg+xml;base64,${svg.toString('base64')}"><figcaption>${escapeXml(block.caption)}</figcaption></figure>`;
    }
  }
}
