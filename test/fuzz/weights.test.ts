import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sizeOf } from '../../src/autograd/tensor.ts';
import { WeightsFormatError } from '../../src/nn/weights/format_error.ts';
import { readWeights } from '../../src/nn/weights/read_weights.ts';
import { readSafetensors, writeSafetensors } from '../../src/nn/weights/safetensors.ts';
import { readZipEntries } from '../../src/nn/weights/zip_entries.ts';
import { op, pickleOf, storage, torchLegacy, torchZip } from '../nn/weights/make_pickle.ts';
import { expectRobust } from './mutations.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/nn/${name}`, import.meta.url));
const NAMES = ['dtypes', 'nested', 'plain', 'plain_protocol4', 'views'];

const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const four = { storage: storage('FloatStorage', '0', op.int(4)) };
const tinyZip = torchZip(pickleOf(four), { 'archive/data/0': floats });
const tinyLegacy = torchLegacy(pickleOf(four), [{ key: '0', count: 4n, bytes: floats }]);

const isRefusal = (error: Error) => error instanceof WeightsFormatError && error.message.endsWith('.');

/** Bytes that tensors of a file may come to: each of its bytes is at most four numbers, and a million numbers are always allowed. */
const bound = (file: Uint8Array) => 4 * (4 * file.length + 2 ** 20);

function checkTensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: ArrayLike<number> }>,
  file: Uint8Array,
) {
  let bytes = 0;
  for (const { shape, data } of tensors.values()) {
    expect(data.length).toBe(sizeOf([...shape]));
    bytes += 4 * data.length;
  }
  expect(bytes).toBeLessThanOrEqual(bound(file));
}

const safetensors = {
  weights: writeSafetensors(
    new Map([
      ['conv.weight', { shape: [2, 3, 3, 3], data: Float32Array.from({ length: 54 }, (_, i) => i / 7) }],
      ['fc.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['steps', { shape: [2], data: Uint32Array.of(7, 8) }],
      ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ]),
    { model: 'custom-cnn', width: '0.25', mean: '0.5,0.5,0.5' },
  ),
  'no tensors': writeSafetensors(new Map(), { note: 'none' }),
};

it('safetensors', async () => {
  await expectRobust({
    ...{ files: safetensors, read: readSafetensors, isRefusal },
    check: ({ tensors, metadata }, file) => {
      checkTensors(tensors, file);
      // What was read can be written, and is then read as the same.
      const again = readSafetensors(writeSafetensors(tensors, metadata));
      expect(again.metadata).toEqual(metadata);
      expect([...again.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
      for (const [name, { data }] of again.tensors) expect(data).toEqual(tensors.get(name)?.data);
    },
  });
});

it('PyTorch files in the zip form', async () => {
  const files = Object.fromEntries(NAMES.map((name) => [name, fixture(`weights_${name}.pth`)]));
  await expectRobust({ files: { ...files, tinyZip }, read: readWeights, isRefusal, check: checkTensors, share: 2 });
});

it('PyTorch files in the legacy form', async () => {
  const files = Object.fromEntries(NAMES.map((name) => [name, fixture(`weights_${name}_legacy.pth`)]));
  await expectRobust({ files: { ...files, tinyLegacy }, read: readWeights, isRefusal, check: checkTensors, share: 2 });
});

it('the entries of a zip archive', async () => {
  await expectRobust({
    ...{ files: { tinyZip, plain: fixture('weights_plain.pth') }, read: readZipEntries, isRefusal },
    check: (entries, file) => {
      for (const bytes of entries.values()) expect(bytes.length).toBeLessThanOrEqual(file.length);
    },
  });
});
