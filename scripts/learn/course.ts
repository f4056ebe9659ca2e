// The pages of the course and their programs: docs/learn/NAME.md, examples/learn/NAME.ts and docs/learn/figures/NAME.png belong together.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, printedValues, quotesOf } from './quotes.ts';

const PAGES = 'docs/learn';
const PROGRAMS = 'examples/learn';
const MOST_PAGE_LINES = 150;
const MOST_PROGRAM_LINES = 85;
const MOST_FIGURE_BYTES = 100_000;

/** Names of the pages, in their order: those whose name begins with a number. */
export function pageNames(root: string): string[] {
  const files = readdirSync(join(root, PAGES)).filter((file) => /^\d.*\.md$/.test(file));
  return files.map((file) => file.replace(/\.md$/, '')).sort();
}

const pageOf = (name: string): string => `${PAGES}/${name}.md`;

/** What is missing of a page, one sentence each; nothing is run. */
export function formFaults(root: string, name: string): string[] {
  const text = readFileSync(join(root, pageOf(name)), 'utf8');
  const faults: string[] = [];
  const program = `${PROGRAMS}/${name}.ts`;
  if (!existsSync(join(root, program))) faults.push(`there is no ${program}.`);
  else if (linesOf(readFileSync(join(root, program), 'utf8')) > MOST_PROGRAM_LINES)
    faults.push(`${program} has more than ${MOST_PROGRAM_LINES} lines.`);
  const figure = `figures/${name}.png`;
  if (!existsSync(join(root, PAGES, figure))) faults.push(`there is no ${PAGES}/${figure}.`);
  else if (statSync(join(root, PAGES, figure)).size > MOST_FIGURE_BYTES)
    faults.push(`${figure} has more than ${MOST_FIGURE_BYTES} bytes.`);
  if (linesOf(text) > MOST_PAGE_LINES) faults.push(`it has more than ${MOST_PAGE_LINES} lines.`);
  if (!text.includes(`npm run example ${program}`)) faults.push(`it does not say 'npm run example ${program}'.`);
  if (!text.includes(`](${figure})`)) faults.push(`it does not show ${figure}.`);
  for (const heading of ['Predict', 'Run', 'Change', 'Explain', 'Questions']) {
    if (!new RegExp(`^## ${heading}$`, 'm').test(text)) faults.push(`it has no heading '## ${heading}'.`);
  }
  const folded = text.match(/<details>\s*<summary>[^\n]+<\/summary>\n\n[\s\S]+?\n\n<\/details>/g)?.length ?? 0;
  if (folded !== 2) faults.push(`it has ${folded} folded answers; two belong to a page.`);
  if (!/\]\([^)\s]*#L\d+/.test(text)) faults.push('it links to no line of code.');
  const { quotes, unchecked } = quotesOf(text);
  if (quotes.length === 0) faults.push('it quotes nothing that its program prints.');
  for (const { line, text: number } of unchecked) faults.push(`line ${line}: nothing computes '${number}' again.`);
  return faults;
}

const linesOf = (text: string): number => text.trimEnd().split('\n').length;

/** Runs a page's program. Returns what it printed, and what went wrong. */
export function runProgramOf(
  root: string,
  name: string,
  args: readonly string[] = [],
): { output: string; fault?: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=wgrad-source', '--import', 'tsx', `${PROGRAMS}/${name}.ts`, ...args],
    { cwd: root, encoding: 'utf8', timeout: 900_000 },
  );
  if (status === 0) return { output: stdout };
  return {
    output: stdout,
    fault: `its program ended with ${status ?? 'a signal, after 15 minutes'}: ${stderr.trim().slice(-600)}`,
  };
}

/** Where a page differs from what its program printed, one sentence each. */
export function quoteFaults(root: string, name: string, output: string): string[] {
  const printed = printedValues(output);
  const { quotes } = quotesOf(readFileSync(join(root, pageOf(name)), 'utf8'));
  return quotes.flatMap((quote) => {
    const fault = faultOf(quote, printed);
    return fault === undefined ? [] : [`line ${quote.line}: ${fault}`];
  });
}
