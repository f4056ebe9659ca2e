import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formFaults, pageNames, quoteFaults, runProgramOf } from '../../scripts/learn/course.ts';
import { linkFaults } from '../../scripts/learn/links.ts';
import { documentsOf } from '../../scripts/learn-check.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = pageNames(root);

/** Pages whose programs train, or time slow kernels: `npm run learn:check` runs them too. */
const SLOW = ['09_imbalance', '10_remedies', '11_fast', '12_report'];

it.each(documentsOf(root))('the links of %s lead somewhere', (document) => {
  expect(linkFaults(root, document).map(({ line, target, problem }) => `${line}: ${target}: ${problem}`)).toEqual([]);
});

describe('the course', () => {
  it('has ten to twelve pages, each with its program, in the order of its index', () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(names.length).toBeLessThanOrEqual(12);
    const programs = readdirSync(`${root}/examples/learn`).filter((file) => file.endsWith('.ts'));
    expect(programs.map((file) => file.replace(/\.ts$/, '')).sort()).toEqual(names);
    const index = readFileSync(`${root}/docs/learn/README.md`, 'utf8');
    const rows = [...index.matchAll(/^\| \[.*?\]\((.*?)\.md\) .*?`(.*?)\.ts`/gm)];
    expect(rows.map(([, page]) => page)).toEqual(names);
    expect(rows.map(([, , program]) => program)).toEqual(names);
    expect(SLOW.filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s is a whole page', (name) => {
    expect(formFaults(root, name)).toEqual([]);
  });

  it.each(names.filter((name) => !SLOW.includes(name)))('%s says what its program prints', (name) => {
    const { output, fault } = runProgramOf(root, name);
    expect(fault).toBeUndefined();
    expect(quoteFaults(root, name, output)).toEqual([]);
  });
});
