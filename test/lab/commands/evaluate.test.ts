import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { loadDataset } from '../../../src/data/sources/load_dataset.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import {
  createModel,
  loadWeights,
  readSafetensors,
  readWeights,
  writeSafetensors,
  writeWeights,
} from '../../../src/node.ts';
import { evaluate } from '../../../src/train/evaluation.ts';
import { useGpu } from '../../gpu.ts';
import { captureConsole } from './captured_console.ts';

const held = useGpu();
const FIRST = 40;
const WIDTH = 1 / 16;

let folder: string;
let file: string;
const captured = captureConsole();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-evaluate-'));
  file = join(folder, 'weights.safetensors');
  const { tensors } = readSafetensors(await writeWeights(createModel(held.gpu, 'custom-cnn', { width: WIDTH })));
  // So that logits, and not the last layer's biases, decide.
  for (const [name, { data }] of tensors)
    if (name.includes('fc'))
      data.forEach((value, i) => {
        data[i] = 10 * value;
      });
  writeFileSync(file, writeSafetensors(tensors));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...given: string[]) =>
  main([
    'evaluate',
    '--model',
    'custom-cnn',
    '--data',
    'mnist',
    '--width',
    `${WIDTH}`,
    '--first',
    `${FIRST}`,
    ...given,
  ]);

/** What the same weights come to when they are tested without the command. */
async function expected(normalisation: { mean?: number[]; std?: number[] } = {}) {
  const { gpu } = held;
  const dataset = { ...(await loadDataset('mnist', { form: { size: 32, channels: 3 } })), ...normalisation };
  const model = createModel(gpu, 'custom-cnn', { width: WIDTH, seed: 7 });
  loadWeights(model, readWeights(readFileSync(file)));
  const source = new BatchSource(
    gpu,
    dataset,
    dataset.test,
    Uint32Array.from({ length: FIRST }, (_, i) => i),
  );
  const { metrics, loss } = await evaluate({ gpu, model, source, batchSize: 32 });
  const { accuracy, precision, recall, f1, rocAuc, balancedAccuracy, macro } = metrics;
  return { accuracy, precision, recall, f1, rocAuc, balancedAccuracy, macroF1: macro.f1, loss, count: FIRST };
}

describe('wgrad evaluate', () => {
  it('prints the scores of the weights as one JSON object', async () => {
    expect(await run('--weights', file, '--json')).toBe(0);
    expect(captured.lines).toHaveLength(1);
    const scores = JSON.parse(captured.lines[0]);
    expect(Object.keys(scores)).toEqual([
      ...['accuracy', 'precision', 'recall', 'f1', 'rocAuc'],
      ...['balancedAccuracy', 'macroF1', 'loss', 'count'],
    ]);
    const own = await expected();
    // The batches are of other sizes, so logits may differ in their last bits.
    expect(scores).toEqual({ ...own, rocAuc: expect.closeTo(own.rocAuc ?? 0, 3), loss: expect.closeTo(own.loss, 4) });
  });

  it('prints a table for people, and normalises by what it is given', async () => {
    expect(await run('--weights', file, '--mean', '0.5,0.5,0.5', '--std', '0.001,0.002,0.003')).toBe(0);
    const { loss } = await expected({ mean: [0.5, 0.5, 0.5], std: [0.001, 0.002, 0.003] });
    expect(loss).not.toBeCloseTo((await expected()).loss, 3);
    const shown = Number(captured.lines.join('\n').match(/loss\s+│\s+([\d.]+)/)?.[1]);
    expect(shown / loss).toBeCloseTo(1, 3);
    expect(captured.lines.join('\n')).toContain('of 40 test images right');
  });

  it.each<[string, (path: string) => string[], string]>([
    ['a file that is not there', (path) => ['--weights', `${path}.none`], 'cannot be read: there is no such file.'],
    ['a folder', () => ['--weights', folder], 'cannot be read: it is a folder.'],
    [
      'another network',
      (path) => ['--weights', path, '--model', 'resnet20'],
      'does not fit resnet20 of width 0.0625: of its tensors',
    ],
    [
      'another width',
      (path) => ['--weights', path, '--width', '0.5'],
      'does not fit custom-cnn of width 0.5: of its tensors',
    ],
    [
      'a mean too few',
      (path) => ['--weights', path, '--mean', '0.5'],
      '--mean needs a number for each of 3 channels; 1 were given.',
    ],
  ])('refuses %s in one sentence, exit code 2', async (_, options, message) => {
    expect(await run(...options(file))).toBe(2);
    expect(captured.errors).toHaveLength(1);
    expect(captured.errors[0]).toMatch(/^wgrad: [^\n]+\.$/);
    expect(captured.errors[0]).toContain(message);
    expect(captured.lines).toEqual([]);
  });

  it('asks for the network of weights that do not record it', async () => {
    expect(await main(['evaluate', '--weights', file, '--data', 'mnist'])).toBe(2);
    expect(captured.errors).toEqual([
      `wgrad: The weights ${file} do not say which network they are of; name it with --model.`,
    ]);
  });

  it('refuses a damaged file in one sentence, exit code 2', async () => {
    const damaged = join(folder, 'damaged.safetensors');
    writeFileSync(damaged, readFileSync(file).subarray(0, 5000));
    expect(await run('--weights', damaged)).toBe(2);
    expect(captured.errors).toHaveLength(1);
    expect(captured.errors[0]).toMatch(/^wgrad: The weights \S+damaged\.safetensors cannot be used: [^\n]+\.$/);
  });
});
