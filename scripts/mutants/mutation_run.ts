// Plants small mistakes into shaders and rules of autograd, one at a time, and looks whether a test fails: `npm run test:mutants`.
//
//   tsx scripts/mutants/mutation_run.ts [--count 240] [--seed 1] [--minutes 60] [--workers 2] [--files 4] [--only TEXT] [--again] [--out runs/mutants]
//
// --files: test files that a mutant gets at most, those nearest to it. --only: mutants of files whose path contains it. --again: the survivors once more. A run that was stopped goes on where it was: what each mutant
// met lies in OUT/seed-SEED.jsonl, the survivors in OUT/survivors-SEED.md. Mistakes are made in copies of the checkout under the system's folder for
// temporary files. Exit code 1 where a mutant survived that scripts/mutants/equivalent.json does not explain.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCompiler } from './compiles.ts';
import { applied, draw, type Mutant } from './mutations.ts';
import { summary } from './survivors.ts';
import { TestMap } from './test_map.ts';
import { Worker } from './worker.ts';

/** What became of a mutant. */
export interface Outcome extends Mutant {
  /** 'invalid': it does not compile, and is not counted. 'timeout': no end within the time; counted as killed. */
  outcome: 'killed' | 'survived' | 'timeout' | 'invalid';
  /** The test that failed; of a survivor, how many of the files that concern it were run. */
  by: string;
  seconds: number;
}

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '240' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
    workers: { type: 'string', default: '2' },
    files: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    again: { type: 'boolean', default: false },
    out: { type: 'string', default: 'runs/mutants' },
  },
});

/** Seconds after which a mutant counts as endless: a test file takes some 10 without one. */
const PATIENCE = 90;

const root = process.cwd();
mkdirSync(options.out, { recursive: true });
const record = join(options.out, `seed-${options.seed}.jsonl`);
const map = new TestMap(root);

const sources = ['shaders', 'src/autograd/ops'].flatMap((folder) =>
  readdirSync(folder).map((name) => `${folder}/${name}`),
);
// What only measures or only poisons is no part of a result.
const texts = new Map(
  sources.filter((file) => !/peak_flops|poison|fence/.test(file)).map((file) => [file, readFileSync(file, 'utf8')]),
);

const known = new Map<string, Outcome>();
if (existsSync(record))
  for (const line of readFileSync(record, 'utf8').split('\n').filter(Boolean)) {
    const outcome: Outcome = JSON.parse(line);
    known.set(outcome.id, outcome);
  }

const drawn = draw(texts, Number(options.count), Number(options.seed)).filter(({ file }) =>
  file.includes(options.only),
);
const waiting = drawn.filter(({ id }) => !known.has(id) || (options.again && known.get(id)?.outcome === 'survived'));
const until = Date.now() + Number(options.minutes) * 60_000;
const { compiles, close } = await openCompiler();

/** Test files that pass without a mutant, as far as is known, and those that do not. */
const sound = new Set<string>();
const broken = new Set<string>();

async function meet(mutant: Mutant, worker: Worker): Promise<Omit<Outcome, keyof Mutant | 'seconds'>> {
  const text = texts.get(mutant.file) as string;
  const mutated = applied(text, mutant);
  if (mutant.file.endsWith('.wgsl') && !(await compiles(mutated))) return { outcome: 'invalid', by: '' };
  const all = map.testsOf(mutant.file);
  for (;;) {
    const files = all.filter((file) => !broken.has(file)).slice(0, Number(options.files));
    if (files.length === 0) return { outcome: 'survived', by: 'no test concerns it' };
    const failed = await worker.run(mutant.file, mutated, text, files, PATIENCE);
    if (failed === undefined) return { outcome: 'timeout', by: `no end within ${PATIENCE} s` };
    if (failed === '') return { outcome: 'survived', by: `${files.length} of ${all.length} files` };
    // A test that fails without the mistake too says nothing about it.
    const test = failed.split(': ')[0];
    if (!sound.has(test)) {
      const own = await worker.run(mutant.file, text, text, [test], PATIENCE);
      if (own === '') sound.add(test);
      else {
        broken.add(test);
        console.log(`${test} is left out: it fails as the project stands (${own}).`);
        continue;
      }
    }
    return { outcome: 'killed', by: failed };
  }
}

async function work(): Promise<void> {
  const worker = new Worker(root);
  for (let next = waiting.shift(); next !== undefined && Date.now() < until; next = waiting.shift()) {
    const mutant: Mutant = next;
    const start = Date.now();
    const met = await meet(mutant, worker);
    const outcome: Outcome = { ...mutant, ...met, seconds: (Date.now() - start) / 1000 };
    known.set(outcome.id, outcome);
    appendFileSync(record, `${JSON.stringify(outcome)}\n`);
    console.log(
      `${outcome.outcome.padEnd(8)} ${outcome.file}:${outcome.line} '${outcome.from.trim()}' → '${outcome.to.trim()}'  ${outcome.by}`,
    );
  }
  worker.close();
}

await Promise.all(Array.from({ length: Number(options.workers) }, work));
close();
const outcomes = drawn.flatMap(({ id }) => known.get(id) ?? []);
const { text, unexplained } = summary(outcomes, texts);
writeFileSync(join(options.out, `survivors-${options.seed}.md`), text);
console.log(text);
process.exitCode = unexplained > 0 ? 1 : 0;
