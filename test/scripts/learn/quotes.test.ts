import { describe, expect, it } from 'vitest';
import { faultOf, printedValues, type Quote, quotesOf } from '../../../scripts/learn/quotes.ts';

const printed = printedValues(
  'adapter: software\nmean: 0.1307019\nSGD, a = 1: path: 1, 0.9, 0.81\nhow: true\nfirst, keeps: 1 array\n',
);

/** What is wrong with the quotes of a page. */
const faultsOf = (page: string) => quotesOf(page).quotes.map((quote) => faultOf(quote, printed));

describe('a number in the text', () => {
  it('is compared with the number that the program prints, rounded to its own digits', () => {
    expect(faultsOf('It is 0.1307 <!-- check: mean --> there.')).toEqual([undefined]);
    expect(faultsOf('It is 0.1306 <!-- check: mean --> there.')).toEqual([
      "'mean' is 0.1307019, the page says 0.1306.",
    ]);
    expect(faultsOf('It is 0.13070 <!-- check: mean -->')).toEqual([undefined]);
    expect(faultsOf('It is 0.13072 <!-- check: mean -->')).toHaveLength(1);
    expect(faultsOf('It is 0.13072 <!-- check: mean -->')[0]).toContain('0.13072');
  });

  it('may be one of several, and its name may have commas and colons', () => {
    expect(faultsOf('from 1 <!-- check: SGD, a = 1: path #1 --> to 0.81 <!-- check: SGD, a = 1: path #3 -->')).toEqual([
      undefined,
      undefined,
    ]);
    expect(faultsOf('0.8 <!-- check: SGD, a = 1: path #2 -->')[0]).toContain('is 1, 0.9, 0.81, the page says 0.8');
    expect(faultsOf('0.8 <!-- check: SGD, a = 1: path #4 -->')[0]).toContain('0 and 1 numbers');
  });

  it('may differ by what is allowed, and no more', () => {
    expect(faultsOf('0.12 <!-- check: mean ±0.01 -->')).toEqual([undefined]);
    expect(faultsOf('0.12 <!-- check: mean ±0.001 -->')[0]).toBeDefined();
    expect(faultsOf('0.120 <!-- check: mean ±10% -->')).toEqual([undefined]);
    expect(faultsOf('0.120 <!-- check: mean ±5% -->')[0]).toBeDefined();
    expect(faultsOf('up to 2 <!-- check: mean from 0.1 to 2 -->')).toEqual([undefined]);
    expect(faultsOf('up to 2 <!-- check: mean from 0.2 to 2 -->')[0]).toBeDefined();
  });

  it('may be one of software adapters alone', () => {
    const [quote] = quotesOf('5 <!-- check: mean from 3 to 9 on software -->').quotes;
    expect(quote).toMatchObject({ name: 'mean', range: [3, 9], onSoftware: true } satisfies Partial<Quote>);
    expect(faultOf(quote, printed)).toBeDefined();
    expect(faultOf(quote, new Map([...printed, ['adapter', 'hardware']]))).toBeUndefined();
  });

  it('must be printed', () => {
    expect(faultsOf('0.1 <!-- check: median -->')).toEqual(["the program prints no line 'median: …'."]);
  });

  it('with a decimal point or a percent sign must be checked, unless it is code or a formula', () => {
    const page = 'Of 60 images 2.5 are\n`0.9` and $0.1$ and 7 % and 0.13 <!-- check: mean --> [a](b_1.5.ts)\n';
    expect(quotesOf(page).unchecked).toEqual([
      { line: 1, text: '2.5' },
      { line: 2, text: '7' },
    ]);
  });
});

describe('a block of output', () => {
  it('is compared line by line, words and numbers', () => {
    const block = (text: string, info = 'text') => `Seen:\n\n\`\`\`${info}\n${text}\n\`\`\`\n`;
    expect(faultsOf(block('SGD, a = 1: path: 1, 0.90, 0.8\nhow: true\nfirst, keeps: 1 array'))).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    expect(faultsOf(block('SGD, a = 1: path: 1, 0.90, 0.7'))[0]).toContain('number 3 differs');
    expect(faultsOf(block('SGD, a = 1: path: 1, 0.90, 0.7', 'text ±0.2'))).toEqual([undefined]);
    expect(faultsOf(block('SGD, a = 1: path: 1, 0.9'))[0]).toContain('3 and 2 numbers');
    expect(faultsOf(block('how: false'))).toEqual(["'how' is true, the page says false."]);
    expect(faultsOf(block('first, keeps: 1 node'))[0]).toContain('the page says 1 node');
    expect(faultsOf(block('path: 1', 'ts'))).toEqual([]);
  });

  it('holds nothing but lines with a name', () => {
    expect(quotesOf('```text\nhello\n```\n').unchecked).toEqual([{ line: 2, text: 'hello' }]);
  });
});
