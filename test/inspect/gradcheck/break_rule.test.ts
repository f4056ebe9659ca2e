import { describe, expect, it } from 'vitest';
import { runBroken } from '../../../src/inspect/gradcheck/break_rule.ts';
import { BROKEN_RULES } from '../../../src/inspect/gradcheck/broken_rules.ts';
import { namedCase } from '../../../src/inspect/gradcheck/cases.ts';
import { type GradcheckCase, runGradcheck } from '../../../src/inspect/gradcheck/gradcheck_case.ts';
import { readShader } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();

describe('runBroken', () => {
  it.each(BROKEN_RULES)('$name is found by the case $case', async (broken) => {
    const { gpu } = held;
    const { passed, inputs } = await runBroken(gpu, broken, readShader);
    expect(passed).toBe(false);
    const wrong = inputs.filter((input) => input.wrong > 0);
    // One mistake is one input's: the others' gradients stay right.
    expect(wrong).toHaveLength(1);
    expect(wrong[0].worst?.error).toBeGreaterThan(3 * wrong[0].tolerance);
    // And the rule is whole again.
    expect(gpu.forcedRung).toBeUndefined();
    expect((await runGradcheck(gpu, namedCase(broken.case) as GradcheckCase)).passed).toBe(true);
  });

  it('says where an edit no longer fits its shader', async () => {
    const change = { shader: 'relu_grad', edits: [['nonsense', '']] as const };
    await expect(async () => runBroken(held.gpu, { ...BROKEN_RULES[0], change }, readShader)).rejects.toThrow(
      "shaders/relu_grad.wgsl no longer holds 'nonsense'",
    );
    expect(held.gpu.forcedRung).toBeUndefined();
  });
});
