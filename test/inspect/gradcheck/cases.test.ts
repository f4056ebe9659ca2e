import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GRADCHECK_CASES, namedCase } from '../../../src/inspect/gradcheck/cases.ts';
import { runGradcheck } from '../../../src/inspect/gradcheck/gradcheck_case.ts';
import * as wgrad from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const held = useGpu();
const all = Object.values(GRADCHECK_CASES).flat();
const names = all.map(({ name }) => name);

describe('the named cases', () => {
  it.each(all)('$name: its rule agrees with central differences', async (one) => {
    const { passed, inputs } = await runGradcheck(held.gpu, one);
    expect(inputs.map(({ worst, tolerance }) => ({ worst, tolerance }))).not.toEqual([]);
    expect({ passed, wrong: inputs.filter(({ wrong }) => wrong > 0) }).toEqual({ passed: true, wrong: [] });
    for (const { checked, largestGradient } of inputs) {
      expect(checked).toBeGreaterThan(0);
      // A function that does not depend on its input would agree with anything.
      expect(largestGradient).toBeGreaterThan(1e-4);
    }
  });

  it('have names of their own, and there is one for each layer and loss', () => {
    expect(new Set(names).size).toBe(names.length);
    const layers = Object.entries(wgrad)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof wgrad.Module)
      .map(([name]) => name)
      .filter((name) => !/CNN|ResNet|EfficientNet|^Sequential|^ModuleList|^ImageClassifier/.test(name));
    const losses = Object.keys(wgrad).filter((name) => /^[A-Z]\w*Loss$/.test(name));
    expect([layers.length > 25, losses.length > 8]).toEqual([true, true]);
    expect([...layers, ...losses].filter((name) => !names.includes(name))).toEqual([]);
    expect(namedCase('nonsense')).toBeUndefined();
  });

  it('there is one for each operation that has a gradient', () => {
    const folder = new URL('../../../src/autograd/ops/', import.meta.url);
    const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const recorded = texts.flatMap((text) => [...text.matchAll(/\brecord\('(\w+)'/g)].map(([, name]) => name));
    expect(recorded.length).toBeGreaterThan(40);
    const checked = new Set(GRADCHECK_CASES.operations.map(({ name }) => name.replace(/-.*$/, '')));
    expect(recorded.filter((name) => !checked.has(name))).toEqual([]);
  });
});
