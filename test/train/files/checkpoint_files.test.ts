import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CustomCNN } from '../../../src/nn/models/custom_cnn.ts';
import { Adam } from '../../../src/nn/optimizers/adam.ts';
import { SGD } from '../../../src/nn/optimizers/sgd.ts';
import { downloadTensors } from '../../../src/nn/weights/host_tensor.ts';
import { loadWeights } from '../../../src/nn/weights/load_weights.ts';
import { readWeights } from '../../../src/nn/weights/read_weights.ts';
import { readSafetensors, writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { Philox } from '../../../src/runtime/philox.ts';
import { contentOf, type TrainingPosition } from '../../../src/train/checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/train/files/checkpoint_files.ts';
import { train } from '../../../src/train/trainer.ts';
import { useGpu } from '../../gpu.ts';
import { tinyTraining } from '../tiny_training.ts';

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
  writeFileSync(file, writeSafetensors(content.tensors, content.metadata, { sealed: true }));
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
    expect(await refusal(join(folder, 'nosuch'))).toMatch(/cannot be read: there is no such file\.$/);
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

  it.each([
    ['epoch', -1],
    ['step', 0.5],
    ['seconds', -3],
    ['epoch', 'one'],
  ])('refuses a position whose %s is %s', async (field, value) => {
    const text = JSON.stringify({ ...saved, [field]: value });
    expect(await refusal(withField('position', text))).toMatch(/^The checkpoint \S+ is damaged; delete it/);
  });

  it('finds a flipped bit wherever it is', async () => {
    const whole = new Uint8Array(readFileSync(path));
    const header = Number(new DataView(whole.buffer).getBigUint64(0, true));
    const generator = new Philox(3);
    // Every bit of the beginning, where the checksum stands, then bits of the header and of the numbers.
    const bits = [
      ...Array.from({ length: 110 * 8 }, (_, bit) => bit),
      ...Array.from({ length: 300 }, () => generator.below((8 + header) * 8)),
      ...Array.from({ length: 300 }, () => generator.below(whole.length * 8)),
    ];
    const read = bits.filter((bit) => {
      const bytes = whole.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      try {
        contentOf({ path: 'p', bytes });
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        return false;
      }
    });
    expect(read).toEqual([]);
  });

  it('reads those without a checksum that earlier versions wrote', async () => {
    const { tensors, metadata } = readSafetensors(readFileSync(path));
    const file = join(folder, 'earlier.safetensors');
    writeFileSync(file, writeSafetensors(tensors, { ...metadata, version: '1' }));
    expect(await loadCheckpoint(file, tinyTraining(held.gpu), 'this run')).toEqual(saved);
    writeFileSync(file, writeSafetensors(tensors, metadata));
    expect(await refusal(file)).toContain('is damaged (Its checksum is missing.)');
  });

  it('takes the one before where the newest is damaged, and says so', async () => {
    const file = join(folder, 'two.safetensors');
    const task = tinyTraining(held.gpu);
    await saveCheckpoint(file, task, { ...saved, epoch: 1 }, 'this run');
    await saveCheckpoint(file, task, { ...saved, epoch: 2 }, 'this run');
    const lines: string[] = [];
    const load = () => loadCheckpoint(file, tinyTraining(held.gpu), 'this run', (line) => void lines.push(line));
    expect((await load()).epoch).toBe(2);
    expect(lines).toEqual([]);
    const bytes = readFileSync(file);
    bytes[bytes.length - 2] ^= 4;
    writeFileSync(file, bytes);
    expect((await load()).epoch).toBe(1);
    expect(lines).toEqual([
      `The checkpoint ${file} is damaged (The checksum in the file is not that of its bytes: some of them have changed.); going on from the checkpoint before it, ${file}.previous.`,
    ]);
    // The good one is not pushed out by the damaged one.
    await saveCheckpoint(file, task, { ...saved, epoch: 3 }, 'this run');
    expect((await load()).epoch).toBe(3);
    rmSync(file);
    expect((await load()).epoch).toBe(1);
    writeFileSync(`${file}.previous`, bytes);
    expect((await loadCheckpoint(file, task, 'this run').catch((error) => error)).message).toContain('is damaged');
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

/** A schedule that counts its steps and sets the learning rate by them. */
class Countdown {
  steps = 0;
  readonly #optimizer: Adam;

  constructor(optimizer: Adam) {
    this.#optimizer = optimizer;
  }

  step(): void {
    this.steps++;
    this.#optimizer.groups[0].lr = 1 / this.steps;
  }

  stateDict(): Record<string, unknown> {
    return { kind: 'countdown', steps: this.steps, last: [1 / this.steps] };
  }

  loadStateDict({ kind, steps }: Record<string, unknown>): void {
    if (kind !== 'countdown') throw new Error('The state is another schedule’s.');
    this.steps = steps as number;
    this.#optimizer.groups[0].lr = 1 / this.steps;
  }
}

describe('a schedule', () => {
  it('is saved and taken up again with the rest', async () => {
    const task = tinyTraining(held.gpu);
    const schedule = new Countdown(task.optimizer);
    for (let i = 0; i < 4; i++) schedule.step();
    const file = join(folder, 'scheduled.safetensors');
    await saveCheckpoint(file, { ...task, schedule }, saved, 'this run');

    const again = tinyTraining(held.gpu);
    const resumed = new Countdown(again.optimizer);
    expect(await loadCheckpoint(file, { ...again, schedule: resumed }, 'this run')).toEqual(saved);
    expect(resumed.stateDict()).toEqual(schedule.stateDict());
    expect(again.optimizer.groups[0].lr).toBe(0.25);

    // One without, and one that the file has no state for.
    expect(await refusal(file)).toContain('is damaged');
    const load = (path: string, schedule: Countdown) =>
      loadCheckpoint(path, { ...tinyTraining(held.gpu), schedule }, 'this run').catch((thrown) => thrown);
    expect(await load(path, resumed)).toBeInstanceOf(UserError);
    const { metadata, tensors } = readSafetensors(readFileSync(file));
    for (const text of ['{"kind":', '{"kind":"other"}', '[1]']) {
      writeFileSync(file, writeSafetensors(tensors, { ...metadata, schedule: text }));
      expect(await load(file, resumed), text).toBeInstanceOf(UserError);
    }
  });

  it('must be of numbers that JSON can hold', async () => {
    const task = tinyTraining(held.gpu);
    const schedule = { stateDict: () => ({ best: Number.NEGATIVE_INFINITY }), loadStateDict: () => {} };
    const file = join(folder, 'infinite.safetensors');
    await expect(saveCheckpoint(file, { ...task, schedule }, saved, 'this run')).rejects.toThrow(
      "encodeCheckpoint: the schedule's best is -Infinity; only finite numbers can be saved.",
    );
    expect(readdirSync(folder)).not.toContain('infinite.safetensors');
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

  it('writes what readWeights takes for the weights of the model', async () => {
    const task = tinyTraining(held.gpu, { modelSeed: 5 });
    const file = join(folder, 'weights-of.safetensors');
    await saveCheckpoint(file, task, saved, 'this run');
    const { model } = tinyTraining(held.gpu, { modelSeed: 6 });
    loadWeights(model, readWeights(readFileSync(file)));
    const [got, expected] = await Promise.all([model, task.model].map((m) => downloadTensors(m.stateDict())));
    expect(got).toEqual(expected);
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
    expect(metadata).toMatchObject({ format: 'wgrad-checkpoint', version: '2', configuration: 'this run' });
  });
});
