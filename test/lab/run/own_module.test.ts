import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importOwn } from '../../../src/lab/run/own_module.ts';
import { runProgram } from '../../run_program.ts';

it('says where there is no such file', async () => {
  await expect(importOwn('nosuch.ts')).rejects.toThrow('nosuch.ts is not there.');
  await expect(importOwn(tmpdir())).rejects.toThrow('is no file.');
});

it("finds the wgrad that runs, wherever the file lies: its tensors are the command's own", () => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-own-'));
  try {
    const file = join(folder, 'own.mts');
    const program = `import { mul, record, scale, Tensor } from 'wgrad';
      const wrong = (x: Tensor) => record('wrong', { inputs: [x], output: scale(x, 2).buffer, shape: x.shape, backward: (dy) => [dy] });
      export default [
        { name: 'square', inputs: [[3, 2]], f: (x: unknown) => { if (!(x instanceof Tensor)) throw new Error('a stranger'); return mul(x, x); } },
        { name: 'wrong', inputs: [[3]], f: wrong },
      ];`;
    writeFileSync(file, program);
    const documented = join(folder, 'documented.mjs');
    const [, code] = /^```js\n([\s\S]*?)^```/m.exec(readFileSync('docs/ladder.md', 'utf8')) ?? [];
    writeFileSync(documented, `${code}`);
    const { status, stdout, stderr } = runProgram(['src/lab/cli/main.ts', 'gradcheck', file, documented, '--json']);
    expect([status, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'square', passed: true },
      { name: 'wrong', passed: false, inputs: [{ wrong: 3 }] },
      { name: 'cube', passed: true, inputs: [{ name: 'x', checked: 15 }] },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
