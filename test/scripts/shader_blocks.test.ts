import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unlikeBlocks } from '../../scripts/shader_blocks.ts';

const folder = new URL('../../shaders/', import.meta.url);
const shaders = new Map(
  readdirSync(folder)
    .sort()
    .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]),
);

/** The project's shaders with a text of one changed. */
function changed(file: string, from: string, to: string): Map<string, string> {
  const text = shaders.get(file) as string;
  expect(text).toContain(from);
  return new Map([...shaders, [file, text.replace(from, to)]]);
}

it('finds what the shaders repeat alike in all of them', () => {
  expect(unlikeBlocks(shaders)).toEqual([]);
});

it.each([
  ['image_batch_augmented.wgsl', '0xd2511f53u', '0xd2511f54u', "'fn philox("],
  ['silu_grad.wgsl', 'exp(-abs(v))', 'exp(abs(v))', "'fn sigmoid("],
  ['softmax_loss_grad.wgsl', 'log_sum: f32', 'log_sums: f32', "'struct Row'"],
  ['conv2d_tiled.wgsl', '  n: u32,\n  h: u32,', '  h: u32,\n  n: u32,', 'the fields of Params'],
])('tells that %s has another %s', (file, from, to, what) => {
  const [{ file: where, line, message }, ...others] = unlikeBlocks(changed(file, from, to));
  expect(where).toBe(file);
  expect(line).toBeGreaterThan(1);
  expect(message).toContain(what);
  expect(others).toEqual([]);
});

it('looks past comments and blanks, and at functions of another signature not at all', () => {
  const one = '// One.\nfn f(a: u32) -> u32 {\n  return a; // a\n}\n';
  expect(
    unlikeBlocks(
      new Map([
        ['a.wgsl', one],
        ['b.wgsl', 'fn f(a: u32) -> u32 { return a; }\n'],
      ]),
    ),
  ).toEqual([]);
  expect(
    unlikeBlocks(
      new Map([
        ['a.wgsl', one],
        ['b.wgsl', 'fn f(a: f32) -> f32 { return 2.0 * a; }\n'],
      ]),
    ),
  ).toEqual([]);
  expect(
    unlikeBlocks(
      new Map([
        ['a.wgsl', one],
        ['b.wgsl', 'fn f(a: u32) -> u32 { return 2u * a; }\n'],
      ]),
    ),
  ).toHaveLength(1);
});
