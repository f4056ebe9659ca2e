import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorOf, linkFaults, withRightLines } from '../../../scripts/learn/links.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wgrad-links-'));
  for (const folder of ['docs', 'src']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'src', 'add.ts'), '// adds\nexport function add() {\n  return add;\n}\n\nadd();\n');
  writeFileSync(join(root, 'docs', 'other.md'), '# Other\n\n## A `part`, of it\n\n## Twice\n\n## Twice\n');
});

afterAll(() => rmSync(root, { recursive: true }));

const problems = (text: string) =>
  linkFaults(root, 'docs/page.md', text).map(({ line, problem }) => `${line}: ${problem}`);

describe('links', () => {
  it('to files and headings that are there are right', () => {
    const text = '# Page\n\n[a](other.md) [b](other.md#a-part-of-it) [c](#page) [d](../src) [e](other.md#twice-1)\n';
    expect(problems(text)).toEqual([]);
    expect(problems('[w](https://example.org/x) ![f](other.md)\n\n```md\n[no](nowhere.md)\n```\n')).toEqual([]);
  });

  it('to what is not there are named with their line', () => {
    expect(problems('\n[a](gone.md) and\n[b](other.md#gone)\n[c](#gone) [d](../../x.md)')).toEqual([
      '2: docs/gone.md is not there.',
      "3: docs/other.md has no heading '#gone'.",
      "4: docs/page.md has no heading '#gone'.",
      '4: ../x.md is not there.',
    ]);
  });

  it('to a line of code must name what stands there', () => {
    expect(problems('[`function add`](../src/add.ts#L2) [it](../src/add.ts#L3 "return add")')).toEqual([]);
    expect(problems('[`function add`](../src/add.ts#L4)')).toEqual([
      "1: 'function add' stands on line 2 of src/add.ts, not on 4.",
    ]);
    expect(problems('[`sub`](../src/add.ts#L2)')).toEqual(["1: src/add.ts has no line with 'sub'."]);
    expect(problems('[it](../src/add.ts#L2)')[0]).toContain('names a line, but neither');
  });

  it('to a line that has moved are put right, to the nearest of several', () => {
    const text = 'a [`add`](../src/add.ts#L5) b [`function add`](../src/add.ts#L1)\n';
    expect(withRightLines(root, 'docs/page.md', text)).toBe(
      'a [`add`](../src/add.ts#L6) b [`function add`](../src/add.ts#L2)\n',
    );
    expect(problems(withRightLines(root, 'docs/page.md', text))).toEqual([]);
  });
});

it('headings have the anchors that GitHub gives them', () => {
  expect(anchorOf('A `part`, of it')).toBe('a-part-of-it');
  expect(anchorOf('PS1 · Architecture design')).toBe('ps1--architecture-design');
  expect(anchorOf('results.json')).toBe('resultsjson');
});
