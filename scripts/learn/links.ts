// Links in a document: whether what they name is there, down to the heading or the line of code.
//
//   [how](../lab.md#presets)                                      the file has such a heading
//   [`record`](../../src/autograd/record.ts#L22)                  line 22 of the file has `record` on it
//   [its guard](../../shaders/relu.wgsl#L18 "if (i >= ")          line 18 has what the title says
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A link that leads nowhere. */
export interface LinkFault {
  line: number;
  target: string;
  problem: string;
  /** Of a line that has moved: the target as it would be right. */
  right?: string;
}

/** The anchor that GitHub gives to a heading: its words in lower case, joined by hyphens. */
export function anchorOf(heading: string): string {
  const text = heading
    .replaceAll(/<!--.*?-->|[`*]/g, '')
    .trim()
    .toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
}

/** A document without its fenced blocks, each line in its place. */
const withoutBlocks = (text: string): string =>
  text.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''));

/** The anchors of a document's headings; of equal ones the second is `-1`, as GitHub counts. */
function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let i = 1; anchors.has(unique); i++) unique = `${anchor}-${i}`;
    anchors.add(unique);
  }
  return anchors;
}

const LINK = /\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)(?: "([^"]*)")?\)/g;

/** The faults of a document's links. root: the project's folder; path: the document's, from there. Addresses of the web are left alone. */
export function linkFaults(root: string, path: string, text = readFileSync(join(root, path), 'utf8')): LinkFault[] {
  const faults: LinkFault[] = [];
  const prose = withoutBlocks(text);
  for (const { 0: whole, 1: words, 2: target, 3: title, index } of prose.matchAll(LINK)) {
    if (/^[a-z]+:/.test(target)) continue;
    const line = prose.slice(0, index).split('\n').length;
    const fault = faultOf(root, path, text, { words, target, title });
    if (fault) faults.push({ line, target, ...fault });
    else if (whole.startsWith('[]')) faults.push({ line, target, problem: 'has no text.' });
  }
  return faults;
}

function faultOf(
  root: string,
  path: string,
  own: string,
  { words, target, title }: { words: string; target: string; title?: string },
): { problem: string; right?: string } | undefined {
  const [file, anchor] = target.split('#');
  const place = file === '' ? path : normalize(join(dirname(path), file));
  const full = join(root, place);
  if (file !== '' && (place.startsWith('..') || !existsSync(full))) return { problem: `${place} is not there.` };
  if (anchor === undefined) return undefined;
  if (file !== '' && statSync(full).isDirectory())
    return { problem: `${place} is a folder, which has no '#${anchor}'.` };
  const text = file === '' ? own : readFileSync(full, 'utf8');
  const number = /^L(\d+)$/.exec(anchor)?.[1];
  if (number === undefined) {
    return anchorsIn(text).has(anchor) ? undefined : { problem: `${place} has no heading '#${anchor}'.` };
  }
  const named = title ?? /`([^`]+)`/.exec(words)?.[1];
  if (named === undefined)
    return { problem: 'names a line, but neither `code` in its text nor a title says what stands there.' };
  const at = Number(number);
  const found = text.split('\n').flatMap((content, i) => (content.includes(named) ? [i + 1] : []));
  if (found.includes(at)) return undefined;
  if (found.length === 0) return { problem: `${place} has no line with '${named}'.` };
  const nearest = found.reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a));
  return { problem: `'${named}' stands on line ${nearest} of ${place}, not on ${at}.`, right: `${file}#L${nearest}` };
}

/** The document with the numbers of moved lines put right. */
export function withRightLines(root: string, path: string, text: string): string {
  const lines = text.split('\n');
  for (const { line, target, right } of linkFaults(root, path, text)) {
    if (right !== undefined) lines[line - 1] = lines[line - 1].replace(`(${target}`, `(${right}`);
  }
  return lines.join('\n');
}
