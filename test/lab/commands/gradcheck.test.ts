import { describe, expect, it } from 'vitest';
import { BROKEN_RULES } from '../../../src/inspect/gradcheck/broken_rules.ts';
import { runGradchecks } from '../../../src/lab/commands/gradcheck.ts';
import { captureConsole } from './captured_console.ts';

const captured = captureConsole();
const text = () => captured.lines.join('\n');

describe('runGradchecks', () => {
  it('lists without a name what there is, and the broken rules', async () => {
    expect(await runGradchecks([], {})).toBe(0);
    for (const name of ['conv2d', 'BatchNorm2d', 'FocalLoss']) expect(text()).toMatch(new RegExp(`\\b${name}\\b`));
    expect(await runGradchecks([], { break: 'list' })).toBe(0);
    expect(BROKEN_RULES.length).toBeGreaterThanOrEqual(8);
    for (const { name, mistake } of BROKEN_RULES) {
      expect(captured.lines.filter((line) => line.startsWith(`${name} `) && line.endsWith(mistake))).toHaveLength(1);
    }
  });

  it('prints for each input the errors, the tolerance and its reason, and the worst element with both values', async () => {
    expect(await runGradchecks(['relu', 'Linear'], {})).toBe(0);
    for (const words of ['relu: right', 'Linear: right', 'weight [7,3]', 'median error', 'Allowed is', '2 right.']) {
      expect(text()).toContain(words);
    }
    const row = /│ bias \[3\] +│ +3 │ +0 │ +\S+ │ +\S+ │ +\S+ │ +\[\d\] │ +(-?[\d.]+) │ +(-?[\d.]+) │/.exec(text());
    expect(Number(row?.[1])).toBeCloseTo(Number(row?.[2]), 2);
  });

  it('shows a mistake found, with what it is and where the right rule stands', async () => {
    expect(await runGradchecks([], { break: 'loss-mean' })).toBe(0);
    for (const words of [
      'while the loss is the mean',
      'src/autograd/ops/softmax.ts',
      'WRONG for logits',
      'The check finds it.',
    ]) {
      expect(text()).toContain(words);
    }
    captured.lines.length = 0;
    expect(await runGradchecks(['relu'], { break: 'relu-mask', json: true })).toBe(0);
    expect(JSON.parse(text())).toMatchObject({
      broken: { name: 'relu-mask', rule: 'shaders/relu_grad.wgsl' },
      found: true,
      result: { name: 'relu', passed: false, inputs: [{ name: 'x' }] },
    });
  });

  it.each([
    [['nosuch'], {}, "There is no check 'nosuch'"],
    [['relu'], { all: true }, '--all checks everything'],
    [[], { break: 'nosuch' }, "There is no broken rule 'nosuch'; there are: matmul-transpose, "],
    [['matmul'], { break: 'relu-mask' }, "is found by the check 'relu'"],
    [['nosuch.ts'], {}, 'nosuch.ts is not there.'],
  ])('%j %j: says what is wrong', async (names, options, message) => {
    await expect(runGradchecks(names, options)).rejects.toThrow(message);
    await expect(runGradchecks(names, options)).rejects.toMatchObject({ name: 'UserError' });
  });
});
