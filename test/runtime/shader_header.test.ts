import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readShader } from '../../src/node.ts';
import { shaderHeader } from '../../src/runtime/shader_header.ts';

const names = readdirSync(new URL('../../shaders/', import.meta.url)).map((file) => file.replace(/\.wgsl$/, ''));

it('tells formulas from sentences, and puts the lines of a paragraph together', () => {
  const source = [
    '// A sum,',
    '// in slices.',
    '//',
    '//   y = Σ of x',
    '//     where x > 0',
    '//',
    '//   z = 2 · y',
    '//',
    '// Adds in order: 1, 2.',
    '// Needs: nothing.',
    '// Source: Gauss, 1799.',
    '// Dispatch: [1]',
    '',
    'struct Params {',
    '  // no part of it',
    '}',
  ].join('\n');
  expect(shaderHeader(source)).toEqual({
    mathematics: ['y = Σ of x', '  where x > 0', '', 'z = 2 · y'],
    text: ['A sum, in slices.', 'Adds in order: 1, 2.', 'Needs: nothing.', 'Source: Gauss, 1799.', 'Dispatch: [1]'],
  });
  expect(shaderHeader('fn main() {}\n// later\n')).toEqual({ mathematics: [], text: [] });
});

it('reads the same from a file with the line ends of Windows', () => {
  const source = readShader('adam');
  expect(shaderHeader(source.replaceAll('\n', '\r\n'))).toEqual(shaderHeader(source));
});

it.each(names)('finds what %s computes, its formula and its dispatch', (name) => {
  const { mathematics, text } = shaderHeader(readShader(name));
  expect(text[0]).toMatch(/^[A-Z0-9][^\n]{2,}[.:]$/);
  expect(mathematics.length).toBeGreaterThan(0);
  expect(mathematics.join('')).toMatch(/[=←:]/);
  expect(text.at(-1)).toMatch(/^Dispatch: /);
});
