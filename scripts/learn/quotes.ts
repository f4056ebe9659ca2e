// The numbers that a page of the course quotes, and whether its program prints the same.
//
// A page quotes what its program prints as lines `name: value` in two ways:
//
//   ... is 0.1307 <!-- check: mean -->          the number before the comment is that of the line `mean: ...`
//   ```text ±0.05                               a block of lines as they were printed
//
// Behind a name may stand `#2`: the second number of the value; `±0.05` or `±5%`: what another adapter may change; `from 3 to 40`: a range to lie
// in instead; `on software`: compared only where the program prints `adapter: software`. Without a tolerance the numbers must be equal, rounded to
// the digits that the page gives. Any other number with a decimal point, and any percentage, stands in `code` or $formulas$, as what was chosen does.

/** How far a number may be from the quoted one. */
interface Allowance {
  /** Added to half a unit of the last digit quoted. */
  absolute: number;
  /** Share of the quoted number, likewise. */
  relative: number;
  /** In place of the quoted number. */
  range?: readonly [number, number];
  /** Compared on a software adapter alone. */
  onSoftware: boolean;
}

/** A number on a page, and the line of the program's output that has it. */
export interface Quote extends Allowance {
  line: number;
  name: string;
  /** As the page writes it; of a block, the whole value. */
  text: string;
  /** Which number of the value, from 1; undefined: all of them. */
  which?: number;
}

const NUMBER = String.raw`[-−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?`;
const ALLOWANCE = new RegExp(
  String.raw`\s+(?:±(?<by>[\d.]+)(?<percent>%?)|from (?<low>${NUMBER}) to (?<high>${NUMBER})|(?<software>on software))$`,
);

/** Takes what is allowed off the end of a text. */
function parseAllowance(text: string): { rest: string; allowance: Allowance } {
  const allowance: Allowance = { absolute: 0, relative: 0, onSoftware: false };
  let rest = ` ${text.trim()}`;
  for (let found = ALLOWANCE.exec(rest); found?.groups; found = ALLOWANCE.exec(rest)) {
    const { by, percent, low, high, software } = found.groups;
    if (software) allowance.onSoftware = true;
    else if (by === undefined) allowance.range = [numberOf(low), numberOf(high)];
    else if (percent) allowance.relative = Number(by) / 100;
    else allowance.absolute = Number(by);
    rest = rest.slice(0, found.index);
  }
  return { rest: rest.trim(), allowance };
}

const numberOf = (text: string): number => Number(text.replace('−', '-').replaceAll(',', ''));

/** The numbers in a text, as it writes them: 1,000 is one, and so is the 2 of `a2`. */
function numbersIn(text: string): string[] {
  return [...text.matchAll(new RegExp(NUMBER, 'g'))].map(([number]) => number.replace(/[.,]$/, ''));
}

/** What a page quotes, and where a number stands that nothing computes again. */
export function quotesOf(page: string): { quotes: Quote[]; unchecked: { line: number; text: string }[] } {
  const quotes: Quote[] = [];
  const unchecked: { line: number; text: string }[] = [];
  const lineAt = (index: number) => page.slice(0, index).split('\n').length;
  const parts =
    /^```(?<info>.*)\n(?<block>[\s\S]*?)^```|<!-- check: (?<check>.*?) -->|<!--[\s\S]*?-->|\$\$[\s\S]*?\$\$|\$[^$\n]+\$|``.*?``|`[^`]*`|\]\([^)]*\)|(?<number>[-−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?(?<percent>\s?%)?)/gm;
  let last: { text: string; line: number; mustBeChecked: boolean } | undefined;
  const leave = () => {
    if (last?.mustBeChecked) unchecked.push({ line: last.line, text: last.text });
    last = undefined;
  };
  for (const { groups = {}, index } of page.matchAll(parts)) {
    const { info, block, check, number, percent } = groups;
    if (number !== undefined) {
      leave();
      last = {
        text: number.replace(/\s?%$/, ''),
        line: lineAt(index),
        mustBeChecked: /\.\d|%/.test(number + (percent ?? '')),
      };
    } else if (check !== undefined) {
      const { rest, allowance } = parseAllowance(check);
      const [, name, which] = /^(.*?)(?: #(\d+))?$/.exec(rest) as RegExpExecArray;
      const position = which === undefined ? undefined : Number(which);
      quotes.push({ ...allowance, line: lineAt(index), name, text: last?.text ?? '', which: position });
      last = undefined;
    } else if (block !== undefined && /^text\b/.test(info)) {
      const { allowance } = parseAllowance(info.replace(/^text/, ''));
      for (const [i, text] of block.trimEnd().split('\n').entries()) {
        const [, name, value] = /^(.*): (.*?)$/.exec(text) ?? [];
        if (name === undefined) unchecked.push({ line: lineAt(index) + 1 + i, text });
        else quotes.push({ ...allowance, line: lineAt(index) + 1 + i, name, text: value });
      }
    }
  }
  leave();
  return { quotes, unchecked };
}

/** The lines `name: value` of a program's output; of equal names the last. */
export function printedValues(output: string): Map<string, string> {
  const lines = output.split('\n').map((line) => /^(.*): (.*?)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1], match[2]] as const] : [])));
}

/** What is wrong with a quote, in a sentence; undefined where it holds. */
export function faultOf(quote: Quote, printed: ReadonlyMap<string, string>): string | undefined {
  const value = printed.get(quote.name);
  if (value === undefined) return `the program prints no line '${quote.name}: …'.`;
  if (quote.onSoftware && printed.get('adapter') !== 'software') return undefined;
  const all = numbersIn(value);
  const computed = quote.which === undefined ? all : all.slice(quote.which - 1, quote.which);
  const quoted = numbersIn(quote.text);
  const words = (text: string) => text.replaceAll(new RegExp(NUMBER, 'g'), '').trim();
  const said = `'${quote.name}' is ${value}, the page says ${quote.text}`;
  // Values without numbers, such as `true`.
  if (all.length === 0 && quoted.length === 0) return value === quote.text ? undefined : `${said}.`;
  if (computed.length === 0 || computed.length !== quoted.length) {
    return `${said}: ${computed.length} and ${quoted.length} numbers.`;
  }
  if (quote.which === undefined && words(value) !== words(quote.text) && words(quote.text) !== '') return `${said}.`;
  const wrong = computed.findIndex((number, i) => !isWithin(numberOf(number), quoted[i], quote));
  return wrong < 0 ? undefined : `${said}${computed.length > 1 ? `: number ${wrong + 1} differs` : ''}.`;
}

function isWithin(computed: number, quoted: string, { absolute, relative, range }: Allowance): boolean {
  if (range) return computed >= range[0] && computed <= range[1];
  const decimals = /\.(\d+)/.exec(quoted)?.[1].length ?? 0;
  const exponent = Number(/e([-+]?\d+)/.exec(quoted)?.[1] ?? 0);
  const value = numberOf(quoted);
  const rounding = 0.5 * 10 ** (exponent - decimals);
  return Math.abs(computed - value) <= rounding * (1 + 1e-9) + absolute + relative * Math.abs(value);
}
