import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownGradchecks } from '../../../src/lab/run/own_gradchecks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wgrad-own-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function read(text: string) {
  const file = join(folder, `check${++count}.mjs`);
  await writeFile(file, text);
  return ownGradchecks(file);
}

describe('ownGradchecks', () => {
  it('reads one case or several, and names by the file what has no name', async () => {
    const [one] = await read('export default { inputs: [[2, 3], { shape: [3], gap: 0.1 }], f: (a, b) => a };');
    expect(one).toMatchObject({ name: 'check1.mjs', inputs: [[2, 3], { shape: [3], gap: 0.1 }] });
    expect(one.f?.(1 as never)).toBe(1);
    const two = await read(
      "export default [{ name: 'a', inputs: [[1]], layer: (gpu) => gpu }, { inputs: [[1]], f: (x) => x, options: { step: 0.1 } }];",
    );
    expect(two.map(({ name }) => name)).toEqual(['a', 'check2.mjs 2']);
  });

  it.each([
    ['export const f = 1;', 'has no default export; write'],
    ['export default { inputs: [[2]] };', 'is no check of gradients: give either f or layer.'],
    ['export default [{ inputs: [[2]], f: 3 }];', 'at 0.f: expected a function.'],
    ['export default { inputs: [], f: (x) => x };', 'at inputs: '],
    ['export default { inputs: [[2]], f: (x) => x, option: {} };', 'option'],
    ["throw new Error('broken')", 'cannot be loaded: broken.'],
    ['export default {', 'cannot be loaded: '],
  ])('%j: says what is wrong', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
    await expect(read(text)).rejects.toMatchObject({ name: 'UserError' });
  });
});
