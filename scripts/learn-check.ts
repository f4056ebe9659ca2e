// Checks that every sentence of the course that can be computed holds: `npm run learn:check`.
//
//   tsx scripts/learn-check.ts [NAME …] [--links] [--fix] [--figures]
//
// NAME: some of the pages, such as 03_convolution; all without one. --links: the links alone, no program is run. --fix: puts the numbers of lines
// of code that have moved right, in all documents. --figures: makes the figures anew. Every link of every document is looked up, and every number that a page quotes is compared with what its
// program prints (scripts/learn/quotes.ts says how a page quotes). Exit code 1 where anything is wrong.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formFaults, pageNames, quoteFaults, runProgramOf } from './learn/course.ts';
import { linkFaults, withRightLines } from './learn/links.ts';

/** The documents of the project, from its folder. */
export function documentsOf(root: string): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = inDocs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file.replaceAll('\\', '/')}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages.sort()];
}

function main(): number {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { links: { type: 'boolean' }, fix: { type: 'boolean' }, figures: { type: 'boolean' } },
  });
  const all = pageNames(root);
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no page '${unknown}'; the pages are: ${all.join(', ')}.`);
    return 2;
  }
  let faults = 0;
  const report = (place: string, fault: string) => {
    faults++;
    console.log(`${place}: ${fault}`);
  };
  for (const document of documentsOf(root)) {
    const before = readFileSync(join(root, document), 'utf8');
    const text = values.fix ? withRightLines(root, document, before) : before;
    if (text !== before) {
      writeFileSync(join(root, document), text);
      console.log(`${document}: lines of code put right`);
    }
    for (const { line, target, problem, right } of linkFaults(root, document, text)) {
      report(`${document}:${line}`, `${target}: ${problem}${right ? ' --fix puts it right.' : ''}`);
    }
  }
  const verdict = () => (faults === 0 ? 'Everything holds' : `${faults} ${faults === 1 ? 'fault' : 'faults'}`);
  if (values.links) {
    console.log(`${verdict()}; no program was run.`);
    return faults === 0 ? 0 : 1;
  }
  const begun = performance.now();
  for (const name of positionals.length > 0 ? positionals : all) {
    for (const fault of formFaults(root, name)) report(name, fault);
    const start = performance.now();
    const { output, fault } = runProgramOf(root, name, values.figures ? ['--figures', 'docs/learn/figures'] : []);
    if (fault) report(name, fault);
    else for (const difference of quoteFaults(root, name, output)) report(name, difference);
    console.log(`${name}: ran in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${verdict()}; the programs took ${seconds.toFixed(0)} s.`);
  return faults === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
