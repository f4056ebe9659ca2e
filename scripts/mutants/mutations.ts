import { createHash } from 'node:crypto';
import { Philox } from '../../src/runtime/philox.ts';

/** One small mistake in one file: some characters of a line, replaced. */
export interface Mutant {
  /** The same for the same mistake in the same text. */
  id: string;
  file: string;
  /** From 1. */
  line: number;
  /** Of the first character, from 0. */
  column: number;
  from: string;
  to: string;
  /** What sort of mistake it is. */
  kind: string;
}

interface Mutator {
  kind: string;
  find: RegExp;
  /** What may stand in place of a match. */
  to: (match: RegExpMatchArray) => readonly string[];
}

const swapped = (pairs: Readonly<Record<string, readonly string[]>>) => (match: RegExpMatchArray) =>
  pairs[match[0]] ?? [];

/** A whole number, one more or one less. */
function neighbours([digits, suffix]: readonly [string, string]): string[] {
  const value = Number(digits);
  return (value > 0 ? [value + 1, value - 1] : [value + 1]).map((one) => `${one}${suffix}`);
}

/** Mistakes that both languages know. */
const COMMON: readonly Mutator[] = [
  {
    kind: 'operator',
    find: / (\+|-|\*|\/|%|<|<=|>|>=|==|!=|===|!==|&&|\|\||\+=|-=|\*=|>>|<<|&|\|) /g,
    to: swapped({
      ' + ': [' - ', ' * '],
      ' - ': [' + '],
      ' * ': [' + ', ' / '],
      ' / ': [' * '],
      ' % ': [' / '],
      ' < ': [' <= ', ' > '],
      ' <= ': [' < '],
      ' > ': [' >= ', ' < '],
      ' >= ': [' > '],
      ' == ': [' != '],
      ' != ': [' == '],
      ' === ': [' !== '],
      ' !== ': [' === '],
      ' && ': [' || '],
      ' || ': [' && '],
      ' += ': [' -= ', ' = '],
      ' -= ': [' += '],
      ' *= ': [' += '],
      ' >> ': [' << '],
      ' << ': [' >> '],
      ' & ': [' | '],
      ' | ': [' & '],
    }),
  },
  { kind: 'sign', find: /(?<=[(,=?:[] ?|return )-(?=[\w(])/g, to: () => [''] },
  {
    kind: 'constant',
    find: /(?<![\w.])(\d+)(u?)(?![\w.])/g,
    to: ([, digits, suffix]) => neighbours([digits, suffix]),
  },
  {
    kind: 'constant',
    find: /(?<![\w.])\d+\.\d+(?![\w.])/g,
    to: ([text]) => (Number(text) === 0 ? ['1.0'] : [`${Number(text) * 2}`.replace(/^\d+$/, '$&.0'), '0.0']),
  },
  {
    kind: 'index',
    find: /\b(kh|kw|oh|ow|ih|iw|row|column|rows|columns|height|width|h|w|y|x|[A-Za-z]+_h|[A-Za-z]+_w)\b(?!:|\()/g,
    to: ([name]) => {
      const partner = swappedName(name);
      return partner === undefined ? [] : [partner];
    },
  },
];

const NAME_PAIRS: readonly (readonly [string, string])[] = [
  ['kh', 'kw'],
  ['oh', 'ow'],
  ['ih', 'iw'],
  ['row', 'column'],
  ['rows', 'columns'],
  ['height', 'width'],
  ['h', 'w'],
  ['y', 'x'],
];

/** The name of the other of two dimensions. */
function swappedName(name: string): string | undefined {
  if (/_[hw]$/.test(name)) return name.slice(0, -1) + (name.endsWith('h') ? 'w' : 'h');
  const pair = NAME_PAIRS.find((one) => one.includes(name));
  return pair && (pair[0] === name ? pair[1] : pair[0]);
}

const WGSL: readonly Mutator[] = [
  ...COMMON,
  { kind: 'barrier dropped', find: /\b(workgroupBarrier|storageBarrier)\(\);/g, to: () => [''] },
  { kind: 'guard dropped', find: /(?<=\bif )\([^{}]+\)(?= \{ (return|continue|break);)/g, to: () => ['(false)'] },
  { kind: 'guard dropped', find: /, (inside|valid)\)/g, to: () => [', true)'] },
  { kind: 'function', find: /\b(min|max)(?=\()/g, to: swapped({ min: ['max'], max: ['min'] }) },
  { kind: 'component', find: /(?<=\w)\.[xyz]\b/g, to: swapped({ '.x': ['.y'], '.y': ['.x'], '.z': ['.x'] }) },
];

const RULES: readonly Mutator[] = [
  ...COMMON,
  { kind: 'boolean', find: /(?<=[ (:[])(true|false)\b/g, to: swapped({ true: ['false'], false: ['true'] }) },
  { kind: 'order', find: /\[(\w+), (\w+)\]/g, to: ([, a, b]) => (a === b ? [] : [`[${b}, ${a}]`]) },
  { kind: 'order', find: /\((\w+), (\w+)\)(?! =>|:)/g, to: ([, a, b]) => (a === b ? [] : [`(${b}, ${a})`]) },
];

/** Lines whose numbers say where things lie or how large, not what is computed; and the texts of messages. */
const NOT_CODE = {
  wgsl: /^\s*(enable|@group|@compute|struct|alias|\w+: [ui]32,|\w+: f32,|var<workgroup>|var \w+: array)/,
  ts: /^\s*(import|export \{|\/?\*|\/\/|throw|`|'|export (interface|type)|operation: )/,
};

/** The code of a line: its comment cut off, and strings blanked. */
function codeOf(line: string): string {
  return line
    .replace(/\/\/.*$/, '')
    .replace(/\/\*\*.*?\*\//g, (text) => ' '.repeat(text.length))
    .replace(/'[^']*'|`[^`]*`/g, (text) => ' '.repeat(text.length));
}

/** All mistakes that can be made in a shader or a rule, one at a time, in the order of the text. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const language = file.endsWith('.wgsl') ? 'wgsl' : 'ts';
  const names = new Set(text.match(/\b\w+\b/g));
  const found: Mutant[] = [];
  text.split('\n').forEach((line, at) => {
    if (NOT_CODE[language].test(line)) return;
    const code = codeOf(line);
    for (const { kind, find, to } of language === 'wgsl' ? WGSL : RULES) {
      for (const match of code.matchAll(find)) {
        for (const replacement of to(match)) {
          // A variable can be mistaken only for one that is there.
          if (kind === 'index' && !names.has(replacement)) continue;
          const mutant = { file, line: at + 1, column: match.index, from: match[0], to: replacement, kind };
          const id = createHash('sha256')
            .update(JSON.stringify([mutant, line]))
            .digest('hex')
            .slice(0, 12);
          found.push({ id, ...mutant });
        }
      }
    }
  });
  return found;
}

/** The text with the mistake in it. */
export function applied(text: string, { line, column, from, to }: Mutant): string {
  const lines = text.split('\n');
  const before = lines[line - 1];
  lines[line - 1] = before.slice(0, column) + to + before.slice(column + from.length);
  return lines.join('\n');
}

/**
 * So many mutants, drawn by a seed: first one of each file, then a second of each, so that no file goes untried because others are longer. With a
 * larger count the same ones come first.
 */
export function draw(texts: ReadonlyMap<string, string>, count: number, seed: number): Mutant[] {
  const random = new Philox(seed, 9);
  const files = random.shuffle([...texts.keys()].sort());
  const left = files.map((file) => random.shuffle(mutantsOf(file, texts.get(file) as string)));
  const drawn: Mutant[] = [];
  for (let round = 0; drawn.length < count && left.some((mutants) => mutants.length > round); round++) {
    for (const mutants of left) if (round < mutants.length && drawn.length < count) drawn.push(mutants[round]);
  }
  return drawn;
}
