import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  countParameters,
  createModel,
  GlobalAvgPool2d,
  loadPretrained,
  type ModelName,
  readWeights,
  type Shape,
  StateDictError,
  type Weights,
  writeWeights,
} from '../../../src/node.ts';
import { randomValues, useGpu } from '../../gpu.ts';

const held = useGpu();

interface Published {
  parameters: number;
  shapes: Record<string, Shape>;
}
const published: Record<string, Published> = JSON.parse(
  readFileSync(new URL('../../fixtures/nn/published_names.json', import.meta.url), 'utf8'),
);

/** A state dict as torchvision publishes it, `num_batches_tracked` and all, with values of its own. */
function stateDict({ shapes }: Published): Weights {
  const drawn = randomValues(4096, 5);
  return new Map(
    Object.entries(shapes).map(([name, shape], n) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => drawn[(31 * n + i) % 4096]) }];
    }),
  );
}

const networks: [ModelName, string, string][] = [
  ['resnet18', 'resnet18', 'fc'],
  ['resnet34', 'resnet34', 'fc'],
  ['efficientnet-b0', 'efficientnet_b0', 'classifier.1'],
];

describe.each(networks)("%s with torchvision's published state dict", (name, torchvision, head) => {
  const weights = stateDict(published[torchvision]);

  it('loads whole for 1000 classes, and comes out again as it went in', async () => {
    const model = createModel(held.gpu, name, { form: 'imagenet', classes: 1000 });
    expect(countParameters(model).parameters).toBe(published[torchvision].parameters);
    expect(loadPretrained(model, weights)).toEqual([]);
    const written = readWeights(await writeWeights(model));
    const expected = [...weights.keys()].filter((key) => !key.endsWith('num_batches_tracked'));
    expect([...written.keys()].sort()).toEqual(expected.sort());
    const differing = expected.filter((key) => {
      const [a, b] = [written.get(key), weights.get(key)];
      return (
        `${a?.shape}` !== `${b?.shape}` ||
        Buffer.compare(new Uint8Array(a!.data.buffer), new Uint8Array(b!.data.buffer)) !== 0
      );
    });
    expect(differing).toEqual([]);
  });

  it('keeps a last layer of its own for other classes, and says so', async () => {
    const model = createModel(held.gpu, name, { form: 'imagenet', classes: 7 });
    const own = await model.stateDict().get(`${head}.weight`)?.data();
    const notices = loadPretrained(model, weights);
    expect(notices).toEqual([`The last layer, ${head}, is new: the weights are for 1000 classes, the network for 7.`]);
    expect(await model.stateDict().get(`${head}.weight`)?.data()).toEqual(own);
    const [norm] = [...weights.keys()].filter((key) => key.endsWith('running_var'));
    expect(await model.stateDict().get(norm)?.data()).toEqual(weights.get(norm)?.data);
  });
});

describe('loadPretrained', () => {
  it('makes the first kernel smaller for the CIFAR form', async () => {
    const model = createModel(held.gpu, 'resnet18');
    const weights = stateDict(published.resnet18);
    expect(loadPretrained(model, weights)).toEqual([
      'The kernel of conv1 was made 3×3, from 7×7.',
      'The last layer, fc, is new: the weights are for 1000 classes, the network for 10.',
    ]);
    const sum = (values?: Float32Array) => values?.reduce((total, value) => total + value, 0) ?? Number.NaN;
    const first = sum(await model.stateDict().get('conv1.weight')?.data());
    expect(first / sum(weights.get('conv1.weight')?.data)).toBeCloseTo(1, 3);
  });

  it('refuses weights of another network and leaves the model as it was', async () => {
    const model = createModel(held.gpu, 'resnet18', { width: 1 / 16 });
    const before = await model.stateDict().get('bn1.weight')?.data();
    expect(() => loadPretrained(model, stateDict(published.resnet34))).toThrow(StateDictError);
    expect(() => loadPretrained(model, new Map())).toThrow(StateDictError);
    expect(await model.stateDict().get('bn1.weight')?.data()).toEqual(before);
    expect(() => loadPretrained(new GlobalAvgPool2d(), new Map())).toThrow(TypeError);
  });
});
