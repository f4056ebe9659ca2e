import { describe, expect, it } from 'vitest';
import { Adam, CrossEntropyLoss, countParameters, indices, ResNet18 } from '../../src/node.ts';
import { freezeAllBut, trainUnfrozen } from '../../src/train/freeze.ts';
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
