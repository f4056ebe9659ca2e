import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS, type Commands, main } from '../src/lab/cli/command_line.ts';
import { runProgram } from './run_program.ts';

const root = new URL('..', import.meta.url);
const inDocs = readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' });
const pages = inDocs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name.replaceAll('\\', '/')}`);
const documents = ['README.md', ...pages];

/** The programs in a document: its blocks of TypeScript. */
const programsOf = (document: string) =>
  [...readFileSync(new URL(document, root), 'utf8').matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map(
    ([, code]) => code,
  );

let runs: string;
beforeAll(() => {
  runs = mkdtempSync(join(tmpdir(), 'wgrad-documents-'));
});
afterAll(() => rmSync(runs, { recursive: true }));

/** Runs a program of a document and returns what it prints. Runs of the lab go to a folder that is removed, and may show their progress. */
function run(code: string): string {
  const elsewhere = code.replaceAll("out: 'runs'", `out: ${JSON.stringify(runs)}`);
  const { status, stdout, stderr } = runProgram(['--input-type=module', '-e', elsewhere]);
  const faults = elsewhere === code ? stderr : stderr.replaceAll(/^.* \d+(\.\d+)? %.*\n/gm, '');
  expect([status, faults]).toEqual([0, '']);
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

/** The commands of `wgrad` in a document, as words: `npx wgrad …`, `npm run lab -- …`, `npm run doctor -- …`, continued lines joined. */
function commandsOf(document: string): string[][] {
  const text = readFileSync(new URL(document, root), 'utf8').replaceAll(/\\\n\s*/g, '');
  const found = [...text.matchAll(/(?:npx wgrad|npm run (lab|doctor|wgrad)(?: --)?)( [^`\n#]*)?/g)];
  return found.flatMap(([, script, rest = '']) => {
    const words = rest.trim().split(/\s+/).filter(Boolean);
    // Prose goes on behind some; placeholders stand for a file or folder.
    if (words.some((word) => /[;:…|(){}$]/.test(word))) return [];
    const args = [...(script && script !== 'wgrad' ? [script] : []), ...words].map((word) =>
      word.replace(/^[A-Z]+$/, 'x'),
    );
    return [args.map((word) => word.replace('runs/<folder>', 'x'))];
  });
}

describe('the commands in the documents', () => {
  const commands = documents.flatMap((document) =>
    commandsOf(document).map((args) => [document, args.join(' ')] as const),
  );

  it('are found', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  it.each(commands)('%s: wgrad %s is one that there is', async (_document, line) => {
    const errors: string[] = [];
    const quiet = [
      vi.spyOn(process.stdout, 'write').mockReturnValue(true),
      vi.spyOn(console, 'log').mockReturnValue(),
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
        errors.push(`${text}`);
        return true;
      }),
    ];
    const nothing = async () => 0;
    const commands = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, nothing])) as unknown as Commands;
    const code = await main(line.split(' ').filter(Boolean), commands);
    for (const spy of quiet) spy.mockRestore();
    expect([code, errors]).toEqual([0, []]);
  });
});
