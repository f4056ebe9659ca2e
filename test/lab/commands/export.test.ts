import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import { decodeModel } from '../../../src/nn/onnx/schema.ts';
import { createModel, noGrad, softmax, tensor, writeWeights } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { largestDifference, runOnnx } from '../../nn/onnx/onnx_session.ts';
import { trainedLike } from '../../nn/onnx/trained_like.ts';
import { captureConsole } from './captured_console.ts';

const held = useGpu();
const captured = captureConsole();
const WIDTH = 1 / 8;
const COUNT = 3;
const NORMALISATION = { mean: [0.13, 0.13, 0.14], std: [0.31, 0.3, 0.29] };

let folder: string;
/** Weights of a ResNet-20 for digits, as `train` writes them, of the same without a record, and of a ResNet-18 in ImageNet form. */
let recorded: string;
let unrecorded: string;
let imagenet: string;
let onnx: string;
/** Pixels from 0 to 1, [N, C, H, W], and the probabilities that the network gives to them here. */
let pixels: Float32Array;
let probabilities: Float32Array;

beforeAll(async () => {
  const { gpu } = held;
  folder = mkdtempSync(join(tmpdir(), 'wgrad-export-'));
  [recorded, unrecorded, imagenet, onnx] = ['w', 'u', 'i', 'o.onnx'].map((name) => join(folder, name));
  const { test } = await loadDataset('mnist', { form: { size: 32, channels: 1 } });
  const digits = Float32Array.from(test.images.subarray(0, COUNT * 1024), (byte) => byte / 255);
  pixels = Float32Array.from({ length: COUNT * 3072 }, (_, i) => digits[Math.floor(i / 3072) * 1024 + (i % 1024)]);
  const normalised = Float32Array.from({ length: COUNT * 3072 }, (_, i) => {
    const { mean, std } = NORMALISATION;
    return (digits[Math.floor(i / 3)] - mean[i % 3]) / std[i % 3];
  });
  const images = tensor(gpu, normalised, [COUNT, 32, 32, 3]).keep();
  const model = await trainedLike(createModel(gpu, 'resnet20', { width: WIDTH }), images);
  probabilities = await noGrad(() => softmax(model.call(images))).data();
  const { mean, std } = NORMALISATION;
  const record = { model: 'resnet20', width: `${WIDTH}`, data: 'mnist', mean: `${mean}`, std: `${std}` };
  writeFileSync(recorded, await writeWeights(model, record));
  writeFileSync(unrecorded, await writeWeights(model));
  const large = createModel(gpu, 'resnet18', { width: WIDTH, form: 'imagenet', classes: 17 });
  writeFileSync(imagenet, await writeWeights(large));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...given: string[]) => main(['export', '--onnx', onnx, ...given]);
const properties = () =>
  Object.fromEntries(decodeModel(readFileSync(onnx)).metadataProps.map(({ key, value }) => [key, value]));

describe('wgrad export', () => {
  it('writes what train left, with its normalisation and the names of its classes', async () => {
    expect(await run('--weights', recorded, '--softmax')).toBe(0);
    expect(captured.lines).toEqual([
      `${onnx}: resnet20, ONNX opset 17; float32 images [N, 3, 32, 32] of pixels from 0 to 1 to probabilities of 10 classes.`,
    ]);
    expect(properties()).toEqual({
      ...{ model: 'resnet20', width: '0.125', data: 'mnist', output: 'probabilities', input: 'pixels from 0 to 1' },
      ...{ mean: '0.13,0.13,0.14', std: '0.31,0.3,0.29', classes: '["0","1","2","3","4","5","6","7","8","9"]' },
    });
    const { values, dims } = await runOnnx(readFileSync(onnx), pixels, [COUNT, 3, 32, 32]);
    expect(dims).toEqual([COUNT, 10]);
    expect(largestDifference(values, probabilities)).toBeLessThan(1e-4);
  });

  it('takes what the weights do not record from the command line', async () => {
    const { mean, std } = NORMALISATION;
    const given = ['--model', 'resnet20', '--width', `${WIDTH}`, '--mean', `${mean}`, '--std', `${std}`];
    expect(await run('--weights', unrecorded, ...given, '--classes', 'a,b,c,d,e,f,g,h,i,j', '--softmax')).toBe(0);
    expect(properties()).toMatchObject({ classes: '["a","b","c","d","e","f","g","h","i","j"]', mean: `${mean}` });
    const { values } = await runOnnx(readFileSync(onnx), pixels, [COUNT, 3, 32, 32]);
    expect(largestDifference(values, probabilities)).toBeLessThan(1e-4);
  });

  it('tells classes and form by the weights, and takes normalised images where nothing else is known', async () => {
    const given = ['--model', 'resnet18', '--width', `${WIDTH}`, '--image-size', '48'];
    expect(await run('--weights', imagenet, ...given)).toBe(0);
    expect(captured.lines[0]).toContain('images [N, 3, 48, 48] of normalised pixels to logits of 17 classes.');
    expect(properties()).toMatchObject({ input: 'normalised', output: 'logits' });
    expect(decodeModel(readFileSync(onnx)).graph.node.some(({ opType }) => opType === 'MaxPool')).toBe(true);
  });

  it.each<[string, () => string[], string]>([
    ['weights that are not there', () => ['--weights', join(folder, 'none')], 'there is no such file.'],
    ['weights of an unknown network', () => ['--weights', unrecorded], 'name it with --model.'],
    [
      'another network',
      () => ['--weights', unrecorded, '--model', 'resnet32'],
      'does not fit resnet32: of its tensors',
    ],
    [
      'a mean without a deviation',
      () => ['--weights', imagenet, '--model', 'resnet18', '--mean', '0,0,0'],
      'are needed together',
    ],
    [
      'a name too few',
      () => ['--weights', recorded, '--classes', 'a,b'],
      'has 10 classes, and there are 2 names for them',
    ],
    [
      'a mean too few',
      () => ['--weights', unrecorded, '--model', 'resnet20', '--width', `${WIDTH}`, '--mean', '0', '--std', '1'],
      '--mean needs a number for each of 3 channels; 1 were given.',
    ],
  ])('refuses %s in one sentence, exit code 2, and writes nothing', async (_, given, message) => {
    rmSync(onnx, { force: true });
    expect(await run(...given())).toBe(2);
    expect(captured.errors).toHaveLength(1);
    expect(captured.errors[0]).toMatch(/^wgrad: [^\n]+\.$/);
    expect(captured.errors[0]).toContain(message);
    expect(existsSync(onnx)).toBe(false);
  });
});
