import { describe, expect, it } from 'vitest';
import { Adam, CrossEntropyLoss, countParameters, indices, ResNet18 } from '../../src/node.ts';
import { freezeAllBut, freezeMatching, headGroups, idlePattern, trainUnfrozen } from '../../src/train/freeze.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu();
const PATTERNS = ['layer4.*', 'fc.*'];

describe('freezing by names', () => {
  it('lets those learn that fit, and counts both', () => {
    const model = new ResNet18(held.gpu, { width: 1 / 16 });
    const counts = freezeAllBut(model, PATTERNS);
    const { parameters, trainableParameters } = countParameters(model);
    expect(counts).toEqual({ trainable: trainableParameters, frozen: parameters - trainableParameters });
    const learning = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
    expect(learning.every(([name]) => name.startsWith('layer4.') || name.startsWith('fc.'))).toBe(true);
    expect(learning.length).toBe(17);
    expect(freezeAllBut(model, ['*']).frozen).toBe(0);
  });

  it('at full width layer4 and fc are 8,398,858 of 11,173,962', () => {
    expect(freezeAllBut(new ResNet18(held.gpu), PATTERNS)).toEqual({
      trainable: 8_398_858,
      frozen: 11_173_962 - 8_398_858,
    });
  });

  it('refuses a pattern that fits no name; a dot is a dot', () => {
    const model = new ResNet18(held.gpu, { width: 1 / 16 });
    expect(() => freezeAllBut(model, ['layer5.*'])).toThrow("no parameter's name fits 'layer5.*'");
    expect(() => freezeAllBut(model, ['fcxweight', 'fc?weight'])).toThrow("no parameter's name fits 'fcxweight'");
  });

  it('takes a layer for all in it, and no other whose name begins alike', () => {
    const model = new ResNet18(held.gpu, { width: 1 / 16 });
    const frozenBy = (...patterns: string[]) => {
      freezeMatching(model, patterns);
      return model.namedParameters().flatMap(([name, { requiresGrad }]) => (requiresGrad ? [] : [name]));
    };
    expect(frozenBy('conv1', 'layer2.1.bn2')).toEqual(['conv1.weight', 'layer2.1.bn2.weight', 'layer2.1.bn2.bias']);
    const all = model.namedParameters().map(([name]) => name);
    expect(frozenBy('features')).toEqual(all.filter((name) => !name.startsWith('fc.')));
    expect(frozenBy('features', 'fc.bias')).toEqual(all.filter((name) => name !== 'fc.weight'));
    expect(frozenBy('*.bn1.weight')).toEqual(all.filter((name) => name.endsWith('.bn1.weight')));
    expect(frozenBy()).toEqual([]);
    expect(idlePattern(model, ['features', 'layer1', 'conv'])).toBe('conv');
    expect(() => freezeMatching(model, ['layer'])).toThrow("freezeMatching: no parameter's name fits 'layer'");
  });

  it('parts what learns into the last layer and the rest; nothing that is frozen is in it', () => {
    const model = new ResNet18(held.gpu, { width: 1 / 16 });
    const sizes = () => headGroups(model, 0.5).map(({ parameters, lr }) => [parameters.length, lr]);
    const all = model.parameters().length;
    expect(sizes()).toEqual([
      [all - 2, undefined],
      [2, 0.5],
    ]);
    freezeMatching(model, ['features']);
    expect(sizes()).toEqual([[2, 0.5]]);
    freezeMatching(model, ['fc', 'conv1']);
    expect(sizes()).toEqual([[all - 3, undefined]]);
  });

  it('a training leaves all that is frozen as it was, running statistics too, and changes the rest', async () => {
    const { gpu } = held;
    const model = new ResNet18(gpu, { width: 1 / 16 });
    freezeAllBut(model, PATTERNS);
    trainUnfrozen(model);
    expect(model.bn1.training).toBe(false);
    expect(model.getModule('layer3.1.bn2').training).toBe(false);
    expect(model.getModule('layer4.0.bn1').training).toBe(true);
    const read = async () =>
      new Map(await Promise.all([...model.stateDict()].map(async ([name, t]) => [name, await t.data()] as const)));
    const before = await read();
    const optimizer = new Adam(model.parameters(), { lr: 1e-2, weightDecay: 1e-2 });
    for (let step = 0; step < 2; step++) {
      gpu.scope(() => {
        optimizer.zeroGrad();
        const logits = model.call(randomTensor(gpu, [4, 16, 16, 3], step));
        new CrossEntropyLoss().call(logits, indices(gpu, [0, 1, 2, 3])).backward();
        optimizer.step();
      });
    }
    for (const [name, values] of await read()) {
      const learns = name.startsWith('layer4.') || name.startsWith('fc.');
      const same = values.every((value, i) => value === before.get(name)?.[i]);
      expect(same, name).toBe(!learns);
    }
  });
});
