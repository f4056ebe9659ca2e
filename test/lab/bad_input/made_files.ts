import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { configure } from '../../../src/lab/run/configuration.ts';
import { LAB_RESULTS } from '../../../src/lab/run/lab_results.ts';
import { sweepSchema } from '../../../src/lab/sweep/sweep_file.ts';
import { writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { completeRecipe } from '../../../src/train/recipe.ts';
import { int64, npy } from '../../data/sources/own/made_images.ts';
import { op, pickle, pickleOf, rebuilt, storage, torchLegacy, torchZip } from '../../nn/weights/make_pickle.ts';

const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const four = storage('FloatStorage', '0', op.int(4));
const onlyBias = new Map([['fc.bias', { shape: [2], data: Float32Array.of(1, 2) }]]);

/** A safetensors file with this text as its header, however wrong. */
function header(text: string, data = new Uint8Array(0), length = Buffer.byteLength(text)): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, Buffer.from(text), data]);
}
const entry = (rest: object) =>
  header(JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...rest } }), new Uint8Array(8));
const tensor = (values: string) => `{"w":{"dtype":"F32","shape":[2],"data_offsets":${values}}}`;

const record = (given: Record<string, string>) =>
  writeSafetensors(onlyBias, {
    ...{
      model: 'custom-cnn',
      width: '0.0625',
      data: 'mnist',
      mean: '0.5,0.5,0.5',
      std: '0.5,0.5,0.5',
      classes: '["a","b"]',
    },
    ...given,
  });
const zipOf = (parts: object) => torchZip(pickleOf({ storage: four, ...parts }), { 'archive/data/0': floats });
const changed = (file: Uint8Array, at: number, ...bytes: number[]) => {
  const copy = Buffer.from(file);
  copy.set(bytes, at < 0 ? copy.length + at : at);
  return copy;
};
const directoryOf = (file: Uint8Array) => Buffer.from(file).indexOf('PK\x01\x02', 0, 'latin1');
const zip = zipOf({});

/** Files of weights that are no good, or fit nothing. */
const WEIGHTS: Record<string, Uint8Array | string> = {
  'empty.pth': '',
  'one-byte.pth': 'x',
  'text.pth': 'these are no weights at all',
  'page.safetensors': '<html><body>404</body></html>',
  'lfs.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n',
  'header-huge.safetensors': header('{}', new Uint8Array(0), 2 ** 40),
  'header-beyond.safetensors': header('{}', new Uint8Array(0), 1000),
  'header-cut.safetensors': header('{"w":'),
  'header-list.safetensors': header('{"w":[1,2]}'),
  'header-number.safetensors': header('{"w":7}'),
  'twice.safetensors': header(
    '{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
  ),
  'metadata-list.safetensors': header('{"__metadata__":[]}'),
  'metadata-number.safetensors': header('{"__metadata__":{"epoch":3}}'),
  'dtype.safetensors': entry({ dtype: 'F8_E4M3' }),
  'dtype-number.safetensors': entry({ dtype: 5 }),
  'shape-negative.safetensors': entry({ shape: [-2] }),
  'shape-half.safetensors': entry({ shape: [1.5] }),
  'shape-text.safetensors': entry({ shape: '2' }),
  'shape-huge.safetensors': entry({ shape: [2 ** 31, 2 ** 31] }),
  'shape-other.safetensors': entry({ shape: [3] }),
  'offsets-one.safetensors': entry({ data_offsets: [0] }),
  'offsets-turned.safetensors': entry({ data_offsets: [8, 0] }),
  'offsets-beyond.safetensors': header(tensor('[8,16]'), new Uint8Array(8)),
  'offsets-gap.safetensors': header(tensor('[8,16]'), new Uint8Array(16)),
  'offsets-rest.safetensors': header(tensor('[0,8]'), new Uint8Array(16)),
  'offsets-overlap.safetensors': header(
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
    new Uint8Array(12),
  ),
  'none.safetensors': writeSafetensors(new Map()),
  'bias.safetensors': writeSafetensors(onlyBias),
  'width-0.safetensors': record({ width: '0' }),
  'width-huge.safetensors': record({ width: '1e9' }),
  'std-0.safetensors': record({ std: '0,0,0' }),
  'mean-nan.safetensors': record({ mean: 'NaN,0,0' }),
  'model-unknown.safetensors': record({ model: 'resnet-1000' }),
  'mean-one.safetensors': record({ mean: '0.5' }),
  'recorded.safetensors': record({}),
  'zip-cut.pth': zip.subarray(0, zip.length - 30),
  'zip-half.pth': zip.subarray(0, Math.floor(zip.length / 2)),
  'zip-compressed.pth': torchZip(pickleOf({ storage: four }), { 'archive/data/0': floats }, 6),
  'zip-encrypted.pth': changed(zip, directoryOf(zip) + 8, 1),
  'zip-elsewhere.pth': changed(zip, directoryOf(zip) + 42, 9),
  'zip-no-pickle.pth': zipSync({ 'archive/other': floats }, { level: 0 }),
  'zip-no-storage.pth': torchZip(pickleOf({ storage: four })),
  'zip-docx.pth': zipSync({ 'word/document.xml': Buffer.from('<w/>') }, { level: 0 }),
  'zip-short-storage.pth': torchZip(pickleOf({ storage: four }), { 'archive/data/0': floats.subarray(0, 8) }),
  'tensor-beyond.pth': zipOf({ shape: [op.int(5)] }),
  'tensor-negative.pth': zipOf({ shape: [op.int(-2)] }),
  'tensor-offset.pth': zipOf({ offset: op.int(-1) }),
  'tensor-type.pth': torchZip(pickleOf({ storage: storage('ComplexDoubleStorage', '0', op.int(4)) }), {
    'archive/data/0': floats,
  }),
  'calls-system.pth': torchZip(pickle(op.global('os', 'system'), op.text('rm -rf /'), op.tuple1, op.reduce)),
  'calls-eval.pth': torchZip(pickle(op.global('builtins', 'eval'), op.text('1'), op.tuple1, op.reduce)),
  'whole-model.pth': torchZip(pickle(op.global('torchvision.models.resnet', 'ResNet'), op.emptyTuple, op.newObject)),
  'pickle-number.pth': torchZip(pickle(op.int(5))),
  'pickle-list.pth': torchZip(pickle(op.emptyList)),
  'pickle-empty-dict.pth': torchZip(pickle(op.emptyDict)),
  'pickle-no-tensors.pth': torchZip(pickle(op.emptyDict, op.text('epoch'), op.int(3), op.setItem)),
  'pickle-cut.pth': torchZip(Uint8Array.of(0x80, 2, 0x7d)),
  'pickle-opcode.pth': torchZip(Uint8Array.of(0x80, 2, 0xff)),
  'pickle-protocol.pth': torchZip(Uint8Array.of(0x80, 99, 0x2e)),
  'pickle-stack.pth': torchZip(Uint8Array.of(0x80, 2, 0x73, 0x2e)),
  'pickle-memo.pth': torchZip(pickle(op.get(9))),
  'name-number.pth': torchZip(pickle(op.emptyDict, op.int(7), rebuilt({ storage: four }), op.setItem), {
    'archive/data/0': floats,
  }),
  'legacy-cut.pth': torchLegacy(pickleOf({ storage: four }), [{ key: '0', count: 4n, bytes: floats }]).subarray(0, -5),
  'legacy-count.pth': torchLegacy(pickleOf({ storage: four }), [{ key: '0', count: 5n, bytes: floats }]),
  'legacy-negative.pth': torchLegacy(pickleOf({ storage: four }), [{ key: '0', count: -1n, bytes: floats }]),
  'legacy-key.pth': torchLegacy(pickleOf({ storage: four }), [{ key: '1', count: 4n, bytes: floats }]),
  'legacy-magic.pth': pickle(op.long(0x1234n, 10)),
};

const pixels = Uint8Array.from({ length: 4 * 6 * 5 * 3 }, (_, i) => (i * 7) % 256);
const images = npy('|u1', [4, 6, 5, 3], pixels);
const labels = npy('<i8', [4], int64([0, 1, 0, 1]));
function npz(arrays: Record<string, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])), {
    level: 0,
  });
}
const npzOf = (train_images: Uint8Array, train_labels = labels) => npz({ train_images, train_labels });
const goodNpz = npzOf(images);
const png = await sharp({ create: { width: 12, height: 9, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

/** Data sets that are none. */
const DATA: Record<string, Uint8Array | string> = {
  'empty.csv': '',
  'columns.csv': 'file,class\na.png,cat\n',
  'header.csv': 'image,label\n',
  'no-label.csv': 'image,label\na.png,\n',
  'no-image.csv': 'image,label\n,cat\n',
  'split.csv': 'image,label,split\na.png,cat,learn\n',
  'split-lines.csv': 'image,label,split\na.png,cat,"a\nb"\n',
  'cells.csv': 'image,label\na.png,cat,7,8\n',
  'quote.csv': 'image,label\n"a.png,cat\n',
  'missing.csv': 'image,label\nnone.png,cat\ngood.png,dog\n',
  'one-class.csv': 'image,label\ngood.png,cat\n',
  'binary.csv': Buffer.from([0, 159, 146, 150, 10, 0]),
  'text.csv': 'image,label\nnotes.txt,cat\ngood.png,dog\n',
  'image-cut.csv': 'image,label\ncut.png,cat\ngood.png,dog\n',
  'image-empty.csv': 'image,label\nempty.png,cat\ngood.png,dog\n',
  'outside.csv': 'image,label\n/etc/hostname,cat\ngood.png,dog\n',
  'only-test.csv': 'image,label,split\ngood.png,cat,test\ngood.png,dog,test\n',
  'single.csv': 'image,label\ngood.png,cat\ngood.png,dog\n',
  'good.png': png,
  'cut.png': png.subarray(0, png.length - 20),
  'empty.png': '',
  'notes.txt': 'no image',
  'empty.npz': '',
  'text.npz': 'no archive',
  'cut.npz': goodNpz.subarray(0, goodNpz.length - 40),
  'no-arrays.npz': npz({ other: images }),
  'no-labels.npz': npz({ train_images: images }),
  'no-images.npz': npz({ train_labels: labels }),
  'float.npz': npzOf(npy('<f4', [4, 6, 5, 3], new Uint8Array(4 * 360))),
  'big-endian.npz': npzOf(images, npy('>i8', [4], int64([0, 1, 0, 1]))),
  'labels-float.npz': npzOf(images, npy('<f8', [4], new Uint8Array(32))),
  'labels-two.npz': npzOf(images, npy('<i8', [4, 2], int64([0, 1, 0, 1, 0, 1, 0, 1]))),
  'labels-few.npz': npzOf(images, npy('<i8', [3], int64([0, 1, 0]))),
  'labels-cut.npz': npzOf(images, npy('<i8', [4], int64([0, 1]))),
  'labels-more.npz': npzOf(images, npy('<i8', [4], int64([0, 1, 0, 1, 0, 1, 0, 1, 0]))),
  'dimensions.npz': npzOf(npy('|u1', [360], pixels)),
  'channels.npz': npzOf(npy('|u1', [4, 6, 3, 5], pixels)),
  'height-0.npz': npzOf(npy('|u1', [4, 0, 5, 3], new Uint8Array(0))),
  'count-0.npz': npzOf(npy('|u1', [0, 6, 5, 3], new Uint8Array(0)), npy('<i8', [0], int64([]))),
  'count-huge.npz': npzOf(npy('|u1', [4e9, 6, 5, 3], pixels), npy('<i8', [4e9], int64([0]))),
  'pixels-cut.npz': npzOf(npy('|u1', [4, 6, 5, 3], pixels.subarray(0, 300))),
  'fortran.npz': npzOf(npy('|u1', [4, 6, 5, 3], pixels, 'True')),
  'pickled.npz': npzOf(npy('|O', [4], new Uint8Array(8))),
  'no-npy.npz': npzOf(Buffer.from('not an array at all')),
  'header-long.npz': npzOf(changed(images, 8, 255, 255)),
  'checksum.npz': changed(goodNpz, 400, 0xee, 0xee),
  'data.tar': 'an archive of another kind',
  'data.json': '[]',
};

/** Sweeps that cannot be made. */
const SWEEPS: Record<string, string> = {
  'empty.yaml': '',
  'number.yaml': '7',
  'list.yaml': '- a\n- b\n',
  'broken.yaml': 'grid: [1, 2\nseeds',
  'broken.json': '{"grid": ',
  'alias.yaml': 'base: *none\n',
  'unknown.yaml': 'colour: red\n',
  'field.yaml': 'base: {learning: 1}\n',
  'grid-field.yaml': 'grid: {learning: [1]}\n',
  'grid-scalar.yaml': 'grid: {lr: 0.1}\n',
  'grid-empty.yaml': 'grid: {lr: []}\n',
  'value.yaml': 'grid: {loss: [ce, magic]}\n',
  'lr.yaml': 'grid: {lr: [0.1, -1]}\n',
  'lr-text.yaml': 'base: {lr: "0.1"}\n',
  'lr-nan.yaml': 'base: {lr: .nan}\n',
  'lr-inf.yaml': 'base: {lr: .inf}\n',
  'epochs.yaml': 'base: {epochs: 0}\n',
  'epochs-half.yaml': 'base: {epochs: 1.5}\n',
  'width.yaml': 'base: {width: 1e9}\n',
  'seeds-none.yaml': 'seeds: []\n',
  'seeds-negative.yaml': 'seeds: [-1]\n',
  'seeds-text.yaml': 'seeds: [one]\n',
  'seeds-huge.yaml': 'seeds: [1e300]\n',
  'data.yaml': 'data: nosuch\n',
  'data-number.yaml': 'data: 7\n',
  'imbalance.yaml': 'data: mnist\nimbalance: 0.5\n',
  'image-size.yaml': 'imageSize: 2\n',
  'nesterov.yaml': 'base: {optimizer: adam, nesterov: true}\n',
  'validation.yaml': 'base: {keep: best}\n',
  'too-many.yaml': `grid: {lr: [${Array.from({ length: 1000 }, (_, i) => i + 1)}], weightDecay: [${Array.from({ length: 1000 }, (_, i) => i + 1)}]}\nseeds: [${Array.from({ length: 1000 }, (_, i) => i)}]\n`,
  'bomb.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${Array(9).fill('*a')}]\nc: &c [${Array(9).fill('*b')}]\nd: &d [${Array(9).fill('*c')}]\ne: &e [${Array(9).fill('*d')}]\nseeds: *e\n`,
  'twice.yaml': 'data: mnist\ndata: cifar10\n',
  'good.yaml': 'data: mnist\nmaxPerClass: 8\nbase: {width: 0.0625, epochs: 1}\n',
};

const recipe = completeRecipe({ width: 0.0625, epochs: 1 });
const dataset = {
  ...{ name: 'mnist', source: 'embedded', classNames: ['0', '1'], trainingImages: 8, testImages: 4 },
  ...{ trainingCounts: [6, 2], measuredRatio: 3, tested: 4 },
};
const environment = { wgrad: '1', node: '20', webgpu: '0', platform: 'linux' };
const lab = {
  ...{ format: 'wgrad-results', version: LAB_RESULTS.version },
  configuration: configure('smoke', { data: 'mnist', seed: 42 }),
  ...{ requested: ['ps1'], environment, dataset, trainings: {}, experiments: {} },
  timings: { startedAt: '2026-01-01', trainings: {}, experiments: {} },
};
const training = {
  ...{ format: 'wgrad-training', version: 1, environment, dataset, training: null, timings: null },
  configuration: { recipe, data: 'mnist', maxPerClass: 8, imbalance: 1, testPerClass: null },
};
const sweep = {
  ...{ format: 'wgrad-sweep', version: 1, sweep: sweepSchema.parse({}), environment: null, dataset: null },
  ...{ trainings: {}, timings: {} },
};
const scores = {
  accuracy: 1,
  balancedAccuracy: 1,
  precision: 1,
  recall: 1,
  f1: 1,
  rocAuc: null,
  averagePrecision: null,
};
/** A training of one epoch, as results.json has it. */
const done = {
  ...{ name: 'x', recipe, variant: null, ownData: true, parameters: 1, trainableParameters: 1 },
  history: [{ epoch: 1, loss: 1, accuracy: 1 }],
  test: { loss: 1, samples: 1, ...scores, expectedCalibrationError: 0, confusion: [], perClass: [] },
};
const timings = { trainingSeconds: 1, epochSeconds: [1], imagesPerSecond: 1, evaluationSeconds: 1 };
const withRecipe = (given: object) => ({
  ...training,
  configuration: { ...training.configuration, recipe: { ...recipe, ...given } },
});

/** results.json of folders that no run can go on from. */
const RUNS: Record<string, unknown> = {
  'no-json': '{"format": ',
  'empty-json': '',
  'list-json': [],
  'null-json': null,
  'other-format': { format: 'else' },
  'lab-version': { ...lab, version: 99 },
  'lab-more': { ...lab, more: 1 },
  'lab-less': { ...lab, timings: undefined },
  'lab-seed': { ...lab, configuration: { ...lab.configuration, seed: -1 } },
  'lab-epochs': { ...lab, configuration: { ...lab.configuration, epochs: { ps1: 'many' } } },
  'lab-experiment': { ...lab, requested: ['ps99'] },
  'lab-data': { ...lab, configuration: { ...lab.configuration, data: '/nosuch/images' } },
  'train-version': { ...training, version: 0 },
  'train-recipe': withRecipe({ model: 'vgg' }),
  'train-width': withRecipe({ width: 1e9 }),
  'train-lr': withRecipe({ lr: null }),
  'train-more': withRecipe({ colour: 'red' }),
  'train-data': { ...training, configuration: { ...training.configuration, data: '/nosuch/images' } },
  'train-done': { ...training, training: done, timings },
  'sweep-version': { ...sweep, version: 99 },
  lab,
  training,
  sweep,
};

/** Makes all of these files under a folder of their own. */
export function makeFiles(): { path: (name: string) => string; folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-bad-'));
  for (const [place, files] of Object.entries({ weights: WEIGHTS, data: DATA, sweeps: SWEEPS })) {
    mkdirSync(join(folder, place));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, place, name), content);
  }
  for (const [name, content] of Object.entries(RUNS)) {
    mkdirSync(join(folder, 'runs', name), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, 'runs', name, 'results.json'), text);
  }
  const folders = [
    'empty',
    'no-classes',
    'only-test/test/cat',
    'one-class/cat',
    'text/cat',
    'text/dog',
    'damaged/cat',
    'damaged/dog',
    'one-each/cat',
    'one-each/dog',
  ];
  for (const name of [...folders, 'empty-classes/cat', 'empty-classes/dog', 'cifar/cifar-10-batches-bin']) {
    mkdirSync(join(folder, 'sets', name), { recursive: true });
  }
  const put = (name: string, content: Uint8Array | string) => writeFileSync(join(folder, 'sets', name), content);
  put('no-classes/a.png', png);
  put('only-test/test/cat/a.png', png);
  put('one-class/cat/a.png', png);
  put('text/cat/a.txt', 'text');
  put('text/dog/b.txt', 'text');
  for (const [kind, bytes] of [
    ['damaged', png.subarray(0, 60)],
    ['one-each', png],
  ] as const) {
    put(`${kind}/cat/a.png`, bytes);
    put(`${kind}/dog/b.png`, png);
  }
  put('cifar/cifar-10-batches-bin/test_batch.bin', 'short');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'file'), 'a file');
  writeFileSync(join(folder, 'throws.mjs'), 'throw new Error("not today");\n');
  writeFileSync(join(folder, 'syntax.mjs'), 'export default function (\n');
  writeFileSync(join(folder, 'nothing.mjs'), 'export const x = 1;\n');
  writeFileSync(join(folder, 'number.mjs'), 'export default 7;\n');
  return { folder, path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
