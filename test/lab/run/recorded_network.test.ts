import { describe, expect, it } from 'vitest';
import { configure } from '../../../src/lab/run/configuration.ts';
import { baseRecipe } from '../../../src/lab/run/lab_recipes.ts';
import { recordedNetwork, withRecorded } from '../../../src/lab/run/recorded_network.ts';
import { identify } from '../../../src/lab/run/training_identity.ts';
import { writeSafetensors } from '../../../src/node.ts';
import { UserError } from '../../../src/runtime/errors.ts';

const PATH = 'w.safetensors';
const written = { model: 'resnet20', width: '0.25', data: 'mnist', mean: '0.1,0.2,0.3', std: '0.4,0.5,0.6' };
const fileWith = (metadata: Record<string, string>) =>
  writeSafetensors(new Map([['fc.bias', { shape: [1], data: new Float32Array(1) }]]), metadata);

describe('recordedNetwork', () => {
  it('reads what train wrote beside the weights', () => {
    expect(recordedNetwork(fileWith({ format: 'pt', ...written }))).toEqual({
      ...{ model: 'resnet20', width: 0.25, data: 'mnist', mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
    });
  });

  it.each([
    ['mnist:18777a5892a3bc01:16228146fcf7dee2', 'mnist'],
    ['rotation:mnist:18777a5892a3bc01:16228146fcf7dee2', undefined],
  ])('reads what identifies the training of a checkpoint on %s', (images, data) => {
    const recipe = baseRecipe(configure('smoke', { data: 'mnist', seed: 42, width: 0.25 }), 'ps3');
    const { identity } = identify(recipe, 'held-out', { identity: images });
    expect(recordedNetwork(fileWith({ format: 'wgrad-checkpoint', configuration: identity }))).toEqual({
      ...{ model: 'custom-cnn', width: 0.25, data },
    });
  });

  it.each<[string, Uint8Array]>([
    ['nothing beside them', fileWith({})],
    ["another program's texts", fileWith({ format: 'pt', model: 'gpt' })],
    ['a configuration that is none', fileWith({ format: 'wgrad-checkpoint', configuration: '{"recipe":' })],
    ["PyTorch's format", Uint8Array.of(0x50, 0x4b, 3, 4)],
  ])('knows nothing of weights with %s', (_, file) => {
    expect(recordedNetwork(file)).toBeUndefined();
  });
});

it.each([
  ['width', '1e9'],
  ['width', '0'],
  ['width', 'wide'],
  ['std', '0.4,0,0.6'],
  ['std', '-1,1,1'],
  ['mean', 'x,y,z'],
])('refuses weights whose metadata holds a %s of %s', (name, value) => {
  expect(() => recordedNetwork(fileWith({ ...written, [name]: value }))).toThrow(
    `Its metadata says that ${name} is '${value}', which no network has.`,
  );
});

describe('withRecorded', () => {
  const recorded = recordedNetwork(fileWith(written));

  it('fills in what was not given', () => {
    expect(withRecorded({ model: undefined, data: undefined, mean: [0.1, 0.2, 0.3004] }, recorded, PATH)).toEqual({
      ...{ model: 'resnet20', width: 0.25, data: 'mnist', mean: [0.1, 0.2, 0.3004], std: [0.4, 0.5, 0.6] },
    });
    expect(withRecorded({ width: 2 }, undefined, PATH)).toEqual({ width: 2 });
  });

  it('lets the weights be tested on other images than their own', () => {
    expect(withRecorded({ data: 'cifar10' }, recorded, PATH)).toMatchObject({ data: 'cifar10', mean: [0.1, 0.2, 0.3] });
  });

  it.each([
    [{ model: 'resnet18' } as const, '--model resnet18', 'model resnet20'],
    [{ width: 0.5 }, '--width 0.5', 'width 0.25'],
    [{ mean: [0.1, 0.2, 0.4] }, '--mean 0.1,0.2,0.4', 'mean 0.1,0.2,0.3'],
    [{ std: [0.4] }, '--std 0.4', 'std 0.4,0.5,0.6'],
  ])('refuses %j in one sentence', (given, option, known) => {
    expect(() => withRecorded(given, recorded, PATH)).toThrow(
      new UserError(
        `${option} contradicts the weights w.safetensors, which are of a network with ${known}; leave the option out.`,
      ),
    );
  });
});
