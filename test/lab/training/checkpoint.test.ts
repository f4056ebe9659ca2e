import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint, type TrainingPosition } from '../../../src/lab/training/checkpoint.ts';
import { train } from '../../../src/lab/training/trainer.ts';
import { UserError } from '../../../src/lab/user_error.ts';
import { CustomCNN } from '../../../src/nn/models/custom_cnn.ts';
import { Adam } from '../../../src/nn/optimizers/adam.ts';
import { SGD } from '../../../src/nn/optimizers/sgd.ts';
import { downloadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { readSafetensors, writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { useGpu } from '../../gpu.ts';
import { tinyTraining } from './tiny_training.ts';

const held = useGpu();
let folder: string;
let path: string;
let saved: TrainingPosition;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-checkpoint-'));
  path = join(folder, 'good.safetensors');
  const task = tinyTraining(held.gpu, { epochs: 1 });
  await train({
    ...task,
    onCheckpoint: async (at) => {
      saved = at;
      await saveCheckpoint(path, task, at, 'this run');
    },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What loading a file throws, as its message; it must be a UserError of one line. */
async function refusal(file: string, configuration = 'this run'): Promise<string> {
  const error = await loadCheckpoint(file, tinyTraining(held.gpu), configuration).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain('\n');
  return error.message;
}

/** The good file with its metadata or tensors changed. */
function changed(name: string, change: (content: ReturnType<typeof readSafetensors>) => void): string {
  const content = readSafetensors(readFileSync(path));
  change(content);
  const file = join(folder, name);
  writeFileSync(file, writeSafetensors(content.tensors, content.metadata));
  return file;
}

/** The good file with another text in one field of its metadata. */
function withField(field: string, text: string): string {
  return changed(`${field}.safetensors`, ({ metadata }) => {
    metadata[field] = text;
  });
}

describe('loadCheckpoint', () => {
  it('gives the position that was saved', async () => {
    expect(saved).toMatchObject({ epoch: 1, step: 0, history: [{ epoch: 1 }] });
    expect(await loadCheckpoint(path, tinyTraining(held.gpu, { modelSeed: 9 }), 'this run')).toEqual(saved);
  });

  it('refuses a file that is cut off anywhere, or no checkpoint at all', async () => {
    const whole = readFileSync(path);
    const cut = join(folder, 'cut.safetensors');
    for (const length of [0, 5, 100, whole.length - 4]) {
      writeFileSync(cut, whole.subarray(0, length));
      expect(await refusal(cut)).toMatch(
        /^The checkpoint \S+cut\.safetensors is damaged \(.*\); delete it to train from the beginning\.$/,
      );
    }
    writeFileSync(cut, 'no tensors at all, but long enough to look at');
    expect(await refusal(cut)).toContain('is damaged');
    expect(await refusal(join(folder, 'nosuch'))).toMatch(/cannot be read; delete it to train from the beginning\.$/);
    expect(await refusal(folder)).toContain('cannot be read');
  });

  it('refuses one of another configuration, and weights that are no checkpoint', async () => {
    expect(await refusal(path, 'another run')).toMatch(/belongs to a run of another configuration; start a new run\.$/);
    const plain = changed('weights.safetensors', ({ metadata }) => {
      for (const key of Object.keys(metadata)) delete metadata[key];
    });
    expect(await refusal(plain)).toMatch(/is no checkpoint of this version/);
  });

  it('refuses damaged fields, and tensors that are missing, of another shape or not numbers', async () => {
    const sentence = /^The checkpoint \S+ is damaged.*; delete it to train from the beginning\.$/;
    expect(await refusal(withField('position', '{"epoch":'))).toMatch(sentence);
    expect(await refusal(withField('position', '{"epoch":1}'))).toMatch(sentence);
    expect(await refusal(withField('optimizer', '{}'))).toMatch(sentence);
    const missing = await refusal(changed('d', ({ tensors }) => void tensors.delete('model.classifier.fc1.weight')));
    expect(missing).toMatch(sentence);
    expect(missing).toContain('classifier.fc1.weight');
    expect(await refusal(changed('e', ({ tensors }) => void tensors.delete('optimizer.0.exp_avg')))).toMatch(sentence);
    const reshaped = changed('f', ({ tensors }) => {
      tensors.set('model.classifier.fc2.bias', { shape: [3], data: new Float32Array(3) });
    });
    expect(await refusal(reshaped)).toContain('classifier.fc2.bias');
  });

  it('refuses a state of another model or optimizer', async () => {
    const { gpu } = held;
    const wide = new CustomCNN(gpu, { width: 1 / 8, classes: 4, imageSize: 8 });
    const load = (model: CustomCNN, optimizer: Adam | SGD) =>
      loadCheckpoint(path, { model, optimizer }, 'this run').catch((thrown) => thrown);
    expect(await load(wide, new Adam(wide.parameters(), { lr: 1e-3 }))).toBeInstanceOf(UserError);
    const { model } = tinyTraining(gpu);
    expect(await load(model, new SGD(model.parameters(), { lr: 1e-3 }))).toBeInstanceOf(UserError);
  });
});

describe('saveCheckpoint', () => {
  it('keeps the last good file where a tensor is not finite, and names it', async () => {
    const task = tinyTraining(held.gpu);
    const file = join(folder, 'kept.safetensors');
    await saveCheckpoint(file, task, saved, 'this run');
    const before = readFileSync(file);
    const bias = task.model.namedParameters().find(([name]) => name === 'classifier.fc2.bias')![1];
    held.gpu.write(bias.buffer, Float32Array.of(0, 0, Number.POSITIVE_INFINITY, 0));
    const error = await saveCheckpoint(file, task, saved, 'this run').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe(
      'The training has diverged: after 1 epochs and 0 steps classifier.fc2.bias holds Infinity; try a smaller learning rate.',
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('writes the tensors as they are, under the names of model and optimizer', async () => {
    const task = tinyTraining(held.gpu, { modelSeed: 3 });
    await loadCheckpoint(path, task, 'this run');
    const { tensors, metadata } = readSafetensors(readFileSync(path));
    const state = await downloadTensors(task.model.stateDict());
    for (const [name, { data }] of state) expect(tensors.get(`model.${name}`)?.data, name).toEqual(data);
    expect([...tensors.keys()].filter((name) => name.startsWith('optimizer.'))).toHaveLength(
      2 * task.model.parameters().length,
    );
    expect(metadata).toMatchObject({ format: 'wgrad-checkpoint', version: '1', configuration: 'this run' });
  });
});
