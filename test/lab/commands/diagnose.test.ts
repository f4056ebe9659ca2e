import { describe, expect, it, vi } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import { captureConsole } from './captured_console.ts';

const captured = captureConsole();
const run = (line: string) => main(line.split(' '));
const LINE =
  'diagnose --data mnist --width 0.0625 --max-per-class 30 --test-per-class 1 --batch-size 32 --rung subgroup';

describe('wgrad diagnose', () => {
  it('says that nothing is wrong, with the figures it went by', async () => {
    expect(await run(`${LINE} --steps 12`)).toBe(0);
    const text = captured.lines.join('\n');
    expect(text).toContain('Nothing is wrong that can be seen (6 of 12 steps watched closely).');
    for (const figure of ['update ÷ weight', 'cross-entropy of the first step', 'dead channels'])
      expect(text).toContain(figure);
  });

  it('names the cause first, with its evidence and a remedy, and says where the loss was lost', async () => {
    expect(await run(`${LINE} --steps 25 --optimizer sgd --lr 1e30`)).toBe(0);
    const text = captured.lines.join('\n');
    expect(text).toMatch(
      /What goes wrong [^\n]+\n1\. The learning rate is too large\.\n {3}With a learning rate of 1\.0e\+30/,
    );
    expect(text).toMatch(/\n {3}What to do: Lower the learning rate/);
    expect(text).toContain('The loss is no longer finite');
  });

  it('prints one JSON object', async () => {
    expect(await run(`${LINE} --steps 12 --lr 1e-9 --json`)).toBe(0);
    expect(captured.lines).toHaveLength(1);
    const { recipe, data, steps, findings, figures } = JSON.parse(captured.lines[0]);
    expect({ data, steps, lr: recipe.lr }).toEqual({ data: 'mnist', steps: 12, lr: 1e-9 });
    expect(findings).toMatchObject([{ cause: 'learning-rate-too-small', level: 'warning' }]);
    expect(figures.length).toBeGreaterThan(5);
  });

  it('trains on one batch where asked, and says whether it is learned by heart', async () => {
    const small = `${LINE} --batch-size 8 --overfit-batch`.replace('--batch-size 32 ', '');
    expect(await run(`${small} --lr 0.01 --steps 100`)).toBe(0);
    expect(captured.lines.join('\n')).toMatch(/learns one batch by heart: 100(\.0)? % of a batch of up to 8 images/);
    captured.lines.length = 0;
    expect(await run(`${small} --lr 1e-9 --steps 12 --json`)).toBe(0);
    const { overfit, findings } = JSON.parse(captured.lines[0]);
    expect([overfit.fits, findings[0].cause]).toEqual([false, 'learning-rate-too-small']);
  });

  it('stops at Ctrl-C', async () => {
    const { augmented } = BatchSource.prototype;
    vi.spyOn(BatchSource.prototype, 'augmented').mockImplementation(function (this: BatchSource, ...args) {
      process.emit('SIGINT', 'SIGINT');
      return augmented.apply(this, args);
    });
    expect(await run(`${LINE} --steps 12`)).toBe(130);
    expect(captured.lines.at(-1)).toBe('\nStopped.');
  });
});
