import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WeightsFormatError } from '../../../src/nn/weights/format_error.ts';
import { readWeights } from '../../../src/nn/weights/read_weights.ts';
import { writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { Philox } from '../../../src/node.ts';
import { op, pickle, pickleOf, rebuilt, storage, torchLegacy, torchZip } from './make_pickle.ts';
import { refusal } from './refusal.ts';

type Golden = Record<string, { shape: number[]; data: string }>;

const FIXTURES = new URL('../../fixtures/nn/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.pth`, FIXTURES)));
const goldens: { [name: string]: Golden } & { hostile: [string, string][] } = JSON.parse(
  readFileSync(new URL('weights.json', FIXTURES), 'utf8'),
);
const KINDS = ['plain', 'views', 'dtypes', 'nested'];
const FILES = [...KINDS.flatMap((kind) => [kind, `${kind}_legacy`]), 'plain_protocol4', 'plain_protocol4_legacy'];

const safetensors = writeSafetensors(
  new Map([
    ['a', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['b', { shape: [], data: Uint32Array.of(7) }],
  ]),
  { format: 'pt' },
);

/** The bits of float32 values, so that NaN and −0 can be told. */
function bits(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)].map((word, i) =>
    // One NaN is as good as another.
    Number.isNaN(values[i]) ? Number.NaN : word,
  );
}

describe('readWeights', () => {
  it.each(FILES)('reads weights_%s.pth as PyTorch does', (name) => {
    const golden = goldens[name.split('_')[0]];
    const weights = readWeights(fixture(`weights_${name}`));
    expect([...weights.keys()]).toEqual(Object.keys(golden));
    for (const [key, { shape, data }] of weights) {
      expect(shape, key).toEqual(golden[key].shape);
      const expected = new Float32Array(new Uint8Array(Buffer.from(golden[key].data, 'base64')).buffer);
      expect(bits(data), key).toEqual(bits(expected));
    }
  });

  it('reads safetensors, all as float32', () => {
    expect([...readWeights(safetensors)]).toEqual([
      ['a', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['b', { shape: [], data: Float32Array.of(7) }],
    ]);
  });

  it('takes the model out of a checkpoint of the lab’s, in PyTorch’s layouts', () => {
    const file = writeSafetensors(
      new Map([
        ['model.fc.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ['optimizer.0.exp_avg', { shape: [2, 3], data: new Float32Array(6) }],
      ]),
      { format: 'wgrad-checkpoint' },
    );
    expect([...readWeights(file)]).toEqual([['fc.weight', { shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) }]]);
  });

  it('takes away the prefixes of wrappers where every name has them', () => {
    const tensor = { shape: [1], data: Float32Array.of(1) };
    const names = (...given: string[]) => [
      ...readWeights(writeSafetensors(new Map(given.map((name) => [name, tensor])))).keys(),
    ];
    expect(names('module.a', 'module.b.c')).toEqual(['a', 'b.c']);
    expect(names('_orig_mod.module.a')).toEqual(['a']);
    expect(names('module.a', 'b')).toEqual(['module.a', 'b']);
    expect(names()).toEqual([]);
  });

  const data = { 'archive/data/0': new Uint8Array(8) };
  const two = rebuilt({ storage: storage('FloatStorage', '0', op.int(2)) });
  it.each(['state_dict', 'model_state_dict', 'model', 'net'])('finds the state dict under %s', (key) => {
    const inner = [...op.emptyDict, ...op.text('w'), ...two, ...op.setItem];
    const others = [...op.text('epoch'), ...op.int(3), ...op.setItem, ...op.text('best'), ...two, ...op.setItem];
    const file = torchZip(pickle(op.emptyDict, others, op.text(key), inner, op.setItem), data);
    expect([...readWeights(file)]).toEqual([['w', { shape: [2], data: new Float32Array(2) }]]);
  });

  it.each<[string, number[][], string]>([
    ['a list', [op.emptyList, two, op.append], 'holds no state dict: it is no dictionary.'],
    ['no tensors', [op.emptyDict, op.text('epoch'), op.int(3), op.setItem], 'no state dict: at its top are "epoch".'],
    ['nothing', [op.emptyDict], 'holds no state dict: at its top are no names.'],
    ['a tensor without a name', [op.emptyDict, op.int(3), two, op.setItem], 'names a tensor 3, which is no text'],
    [
      'itself',
      [op.emptyDict, op.put(0), op.text('model'), op.get(0), op.setItem],
      'holds no state dict: at its top are "model".',
    ],
  ])('refuses a PyTorch file that holds %s', (_name, parts, message) => {
    expect(refusal(() => readWeights(torchZip(pickle(...parts), data)))).toContain(message);
  });

  it.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('no weights at all, but long enough to look at')],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)],
  ])('refuses %s', (_name, file) => {
    expect(refusal(() => readWeights(file))).toBe(
      `The file of ${file.length} bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.`,
    );
  });

  describe('pickles that would run code', () => {
    it.each(goldens.hostile.map(([name, text], i) => [name, i, text] as const))('refuses %s (%i)', (name, _i, text) => {
      const hostile = new Uint8Array(Buffer.from(text, 'base64'));
      for (const file of [torchZip(hostile), torchLegacy(hostile)]) {
        expect(refusal(() => readWeights(file))).toContain(`The pickle would call '${name}', which reading weights`);
      }
    });
  });

  describe('damaged files', () => {
    const whole = new Map<string, Uint8Array>([
      ...FILES.map((name) => [name, fixture(`weights_${name}`)] as const),
      ['safetensors', safetensors],
      ['hand-made', torchZip(pickleOf({ storage: storage('FloatStorage', '0', op.int(2)) }), data)],
    ]);

    it.each([...whole.keys()])('%s cut off at any byte is refused in one sentence', (name) => {
      const file = whole.get(name)!;
      for (let length = 0; length < file.length; length++) refusal(() => readWeights(file.subarray(0, length)));
    });

    it.each([...whole.keys()])('%s with any byte changed is read or refused, never more than that', (name) => {
      const file = whole.get(name)!;
      const generator = new Philox(7, 3);
      let refused = 0;
      for (let i = 0; i < 2000; i++) {
        const damaged = new Uint8Array(file);
        for (let changes = 1 + generator.below(3); changes > 0; changes--) {
          damaged[generator.below(file.length)] = generator.below(256);
        }
        try {
          readWeights(damaged);
        } catch (error) {
          if (!(error instanceof WeightsFormatError)) throw error;
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(100);
    });
  });
});

describe('a real checkpoint', () => {
  const folder = process.env.WGRAD_DATA;
  const file = folder && join(folder, '..', 'weights', 'resnet20-12fca82f.th');
  if (!file || !existsSync(file)) {
    console.warn(
      'The real ResNet-20 checkpoint is not read: no folder "weights" with it lies beside the one WGRAD_DATA names.',
    );
    it.skip('is not read here: it does not lie beside the folder that WGRAD_DATA names', () => {});
    return;
  }

  it('gives the tensors of ResNet-20, as PyTorch reads them', () => {
    const weights = readWeights(new Uint8Array(readFileSync(file)));
    expect(weights.size).toBe(97);
    expect([...weights.keys()].slice(0, 6)).toEqual([
      ...['conv1.weight', 'bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var', 'layer1.0.conv1.weight'],
    ]);
    let parameters = 0;
    let sum = 0;
    for (const [name, { data }] of weights) {
      if (!name.includes('running')) parameters += data.length;
      // Weighted by the place, so that an order that is wrong shows.
      for (const [i, value] of data.entries()) sum += value * ((i % 7) + 1);
    }
    expect(parameters).toBe(269_722);
    expect(sum).toBeCloseTo(REAL_SUM, 6);
    expect(weights.get('linear.weight')?.shape).toEqual([10, 64]);
    expect(weights.get('layer3.0.conv1.weight')?.shape).toEqual([64, 32, 3, 3]);
  });
});

/** Of the real checkpoint, every value times 1 to 7 by its place, in float64 by PyTorch. */
const REAL_SUM = 329.11003647156974;
