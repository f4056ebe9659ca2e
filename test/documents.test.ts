import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run_program.ts';

const root = new URL('..', import.meta.url);
const inDocs = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
const documents = ['README.md', ...inDocs.map((name) => `docs/${name}`)];

/** The programs in a document: its blocks of TypeScript. */
const programsOf = (document: string) =>
  [...readFileSync(new URL(document, root), 'utf8').matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map(
    ([, code]) => code,
  );

/** Runs a program of a document and returns what it prints. */
function run(code: string): string {
  const { status, stdout, stderr } = runProgram(['--input-type=module', '-e', code]);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('the programs in the documents', () => {
  it("the README's first learns, and its process ends by itself", () => {
    const [example] = programsOf('README.md');
    const losses = [...run(example).matchAll(/step (\d+): loss ([\d.]+)/g)].map((match) => Number(match[2]));
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(0.2);
  });

  it.each(documents.flatMap((document) => programsOf(document).map((code, n) => [document, n + 1, code] as const)))(
    '%s, program %i, runs and prints something',
    (_document, _n, code) => {
      expect(run(code)).not.toBe('');
    },
  );
});
