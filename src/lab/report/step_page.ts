import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { type PageSurroundings, packPage } from '../../inspect/page_data.ts';
import type { ShownStep } from '../../inspect/shown_step.ts';
import { insideSection, SECTIONS } from '../../view/inspect/sections.ts';
import { escapeXml } from '../plots/figure.ts';
import { pageScript } from './page_script.ts';

/** A page of a step as one HTML file that opens without a network. */
export async function stepPage(step: ShownStep, about: PageSurroundings): Promise<string> {
  const { data, numbers } = packPage(step, about);
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const [script, style] = await Promise.all([
    pageScript('inspect'),
    readFile(new URL('../../view/inspect/style.css', import.meta.url), 'utf8'),
  ]);
  const sections = SECTIONS.map(([id, title, text]) => {
    return `<section aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><p>${text}</p>${insideSection(id)}</section>`;
  });
  const links = SECTIONS.map(([id, title]) => `<a href="#${id}-title">${title}</a>`);
  // What closes a script element may not stand in one.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeXml(about.title)}</title>
<style>
${style}</style>
</head>
<body>
<h1>${escapeXml(about.title)}</h1>
<nav>${links.join('')}</nav>
<dl id="facts"></dl>
<main>
${sections.join('\n')}
</main>
<script type="application/json" id="record">${json}</script>
<script type="text/plain" id="numbers">${deflateSync(bytes, { level: 9 }).toString('base64')}</script>
<script type="module">${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}
