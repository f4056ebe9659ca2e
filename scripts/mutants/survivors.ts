import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './mutation_run.ts';

/** Why a mutant that survives computes what the original does, by its id. */
const EXPLAINED = join(import.meta.dirname, 'equivalent.json');

/** Counts of what became of the mutants, and the survivors with their lines, as Markdown. */
export function summary(
  outcomes: readonly Outcome[],
  texts: ReadonlyMap<string, string>,
): { text: string; unexplained: number } {
  const explained: Record<string, string> = existsSync(EXPLAINED) ? JSON.parse(readFileSync(EXPLAINED, 'utf8')) : {};
  const count = (some: readonly Outcome[], outcome: Outcome['outcome']) =>
    some.filter((one) => one.outcome === outcome).length;
  const rows = ['shaders/', 'src/autograd/ops/'].map((folder) => {
    const some = outcomes.filter(({ file }) => file.startsWith(folder));
    const survived = some.filter(({ outcome }) => outcome === 'survived');
    const equivalent = survived.filter(({ id }) => explained[id]).length;
    const valid = some.length - count(some, 'invalid');
    return `| ${folder} | ${valid} | ${count(some, 'killed')} | ${count(some, 'timeout')} | ${equivalent} | ${survived.length - equivalent} |`;
  });
  const survivors = outcomes.filter(({ outcome }) => outcome === 'survived');
  const lines = survivors.map(({ id, file, line, from, to, by }) => {
    const source = texts.get(file)?.split('\n')[line - 1].trim() ?? '';
    return `- ${id} ${file}:${line} \`${from.trim()}\` → \`${to.trim()}\` in \`${source}\` (${by})${explained[id] ? `: ${explained[id]}` : ''}`;
  });
  const text = [
    '| in | mutants | killed | never ended | survived, the same result | survived |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...lines,
    '',
  ].join('\n');
  return { text, unexplained: survivors.filter(({ id }) => !explained[id]).length };
}
