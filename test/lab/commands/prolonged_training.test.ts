import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import { captureConsole } from './captured_console.ts';
import { interruptAt } from './interrupt_at.ts';

/** Three steps an epoch, with all that an optimizer and a chosen epoch keep. */
const LINE =
  'train --data mnist --width 0.0625 --max-per-class 4 --test-per-class 2 --batch-size 12 --validation 0.25 --rung tiled';

const PATIENCE = 600_000;

let folder: string;
const captured = captureConsole();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-prolonged-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: string) => main(line.split(' '));
const at = (name: string) => join(folder, name);
const resultsOf = (name: string) => JSON.parse(readFileSync(join(at(name), 'results.json'), 'utf8'));
const weightsOf = (name: string) => readFileSync(join(at(name), 'weights.safetensors'));

/** Steps that a command makes. */
async function stepsOf(line: string): Promise<number> {
  const steps = vi.spyOn(BatchSource.prototype, 'augmented');
  expect(await run(line)).toBe(0);
  const { length } = steps.mock.calls;
  steps.mockRestore();
  return length;
}

describe('train --continue', { timeout: PATIENCE }, () => {
  it('is, with a constant learning rate, the training of so many epochs from the beginning, and does none of them again', async () => {
    expect(await run(`${LINE} --epochs 3 --into ${at('whole')}`)).toBe(0);
    expect(await run(`${LINE} --epochs 1 --into ${at('one')}`)).toBe(0);
    const before = readdirSync(at('one'), { recursive: true });
    const first = readFileSync(join(at('one'), 'results.json'));
    expect(await stepsOf(`train --continue ${at('one')} --epochs 3 --into ${at('three')}`)).toBe(6);
    expect(captured.lines.join('\n')).toContain(
      'Goes on after epoch 1, to 3 epochs in all. The learning rate stays 0.001.',
    );
    expect(weightsOf('three')).toEqual(weightsOf('whole'));
    const { recipe: _, ...training } = resultsOf('three').training;
    const { recipe: __, ...whole } = resultsOf('whole').training;
    expect(training).toEqual(whole);
    expect(resultsOf('three').configuration).toMatchObject({ earlier: at('one'), continued: { epochs: 1 } });
    expect([readdirSync(at('one'), { recursive: true }), readFileSync(join(at('one'), 'results.json'))]).toEqual([
      before,
      first,
    ]);
  });

  it('goes on again, and is done where it is done', async () => {
    expect(await stepsOf(`train --continue ${at('one')} --epochs 2 --into ${at('two')}`)).toBe(3);
    expect(await stepsOf(`train --continue ${at('two')} --epochs 3 --into ${at('again')}`)).toBe(3);
    expect(weightsOf('again')).toEqual(weightsOf('whole'));
    expect(await stepsOf(`train --continue ${at('two')} --epochs 3 --into ${at('again')}`)).toBe(0);
    expect(await run(`train --continue ${at('two')} --epochs 4 --into ${at('again')}`)).toBe(2);
    expect(captured.errors.join('')).toContain('holds a training by another recipe or on other images');
  });

  it('is stopped and goes on to the same bits, its schedule begun again', async () => {
    const line = `train --continue ${at('annealed')} --epochs 3`;
    expect(await run(`${LINE} --schedule cosine --keep last --epochs 1 --into ${at('annealed')}`)).toBe(0);
    expect(await run(`${line} --into ${at('straight')}`)).toBe(0);
    expect(captured.lines.join('\n')).toContain('it begins again, with learning rate 0.001, over the 2 epochs');
    for (const [name, step] of [
      ['early', 1],
      ['late', 5],
    ] as const) {
      const restore = interruptAt(step);
      expect(await run(`${line} --into ${at(name)}`)).toBe(130);
      restore();
      expect(await run(`train --resume ${at(name)}`)).toBe(0);
      expect(weightsOf(name)).toEqual(weightsOf('straight'));
      expect(resultsOf(name).training).toEqual(resultsOf('straight').training);
    }
    expect(weightsOf('straight')).not.toEqual(weightsOf('annealed'));
  });

  it('says what cannot be gone on with', async () => {
    const refused = async (line: string) => {
      captured.errors.length = 0;
      expect(await run(line)).toBe(2);
      return captured.errors.join('').replaceAll(`${folder}/`, '');
    };
    expect(await refused(`train --continue ${at('one')} --epochs 1`)).toBe(
      'wgrad: one has 1 epoch, and is asked for 1; say with --epochs how many it is to have in all.',
    );
    const restore = interruptAt(1);
    expect(await run(`${LINE} --epochs 1 --into ${at('half')}`)).toBe(130);
    restore();
    expect(await refused(`train --continue ${at('half')} --epochs 2`)).toBe(
      'wgrad: half is not finished; go on with npx wgrad train --resume half.',
    );
    for (const file of readdirSync(join(at('one'), 'checkpoints'))) {
      if (file.endsWith('.last')) rmSync(join(at('one'), 'checkpoints', file));
    }
    expect(await refused(`train --continue ${at('one')} --epochs 2`)).toBe(
      'wgrad: one holds no last checkpoint to go on from; begin another training from its weights with --weights one/weights.safetensors.',
    );
  });
});
