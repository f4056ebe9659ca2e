import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure } from '../../src/lab/run/configuration.ts';
import { LAB_RESULTS } from '../../src/lab/run/lab_results.ts';
import { type RecordedNetwork, recordedNetwork } from '../../src/lab/run/recorded_network.ts';
import { readResults } from '../../src/lab/run/results_file.ts';
import { RunFolder } from '../../src/lab/run/run_folder.ts';
import { readWeightsFile } from '../../src/lab/run/weights_file.ts';
import { readSweep, sweepSchema, sweepTrainings } from '../../src/lab/sweep/sweep_file.ts';
import { WeightsFormatError } from '../../src/nn/weights/format_error.ts';
import { downloadTensors } from '../../src/nn/weights/host_tensor.ts';
import { writeSafetensors } from '../../src/nn/weights/safetensors.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/files/checkpoint_files.ts';
import { completeRecipe } from '../../src/train/recipe.ts';
import { RECIPE_FIELDS } from '../../src/train/recipe_fields.ts';
import { train } from '../../src/train/trainer.ts';
import { useGpu } from '../gpu.ts';
import { tinyTraining } from '../train/tiny_training.ts';
import { expectRobust, ODD_TEXTS, RUNS, SEED } from './mutations.ts';

const held = useGpu();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const isRefusal = (error: Error) => error instanceof UserError && error.message.endsWith('.');

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

it('sweep files', async () => {
  const yaml =
    'data: mnist\nimbalance: 20\nbase: {epochs: 3, momentum: 0.9}\ngrid:\n  loss: [ce, focal]\n  lr: [0.1, 1e-2]\nseeds: [7, 8]\n';
  const json =
    '{"data": "mnist", "base": {"epochs": 3}, "grid": {"loss": ["ce", "focal"], "lr": [0.1]}, "seeds": [7, 8]}';
  await expectRobust({
    ...{ files: { yaml: Buffer.from(yaml), json: Buffer.from(json) }, isRefusal },
    read: async (file) => {
      const sweep = await readSweep(written('study.yaml', file));
      return { sweep, trainings: sweepTrainings(sweep) };
    },
    check: ({ sweep, trainings }) => {
      expect(sweepSchema.parse(sweep)).toEqual(sweep);
      for (const { recipe } of trainings) {
        for (const [name, { schema }] of Object.entries(RECIPE_FIELDS)) {
          expect(schema.safeParse(recipe[name as keyof typeof recipe]).success).toBe(true);
        }
      }
    },
  });
});

it('results.json of a run', async () => {
  const results = {
    ...{ format: 'wgrad-results', version: LAB_RESULTS.version },
    configuration: configure('smoke', { data: 'mnist', seed: 42 }),
    requested: ['ps1'],
    environment: { wgrad: '1', node: '20', webgpu: '0', platform: 'linux' },
    dataset: {
      ...{ name: 'mnist', source: 'embedded', classNames: ['0', '1'], trainingImages: 8, testImages: 4 },
      ...{ trainingCounts: [6, 2], measuredRatio: 3, tested: 4 },
    },
    ...{ trainings: {}, experiments: { ps1: { status: 'done', title: 't', question: 'q', results: {}, section: [] } } },
    timings: { startedAt: '2026-01-01', trainings: {}, experiments: { ps1: { seconds: 1 } } },
  };
  const path = join(folder, 'run');
  mkdirSync(path);
  await expectRobust({
    ...{ files: { results: Buffer.from(JSON.stringify(results, null, 1)) }, isRefusal },
    read: async (file) => {
      writeFileSync(join(path, 'results.json'), file);
      return readResults(await RunFolder.open(path), LAB_RESULTS);
    },
    check: (found) => expect(LAB_RESULTS.schema.safeParse(found).success).toBe(true),
  });
});

it('checkpoints', async () => {
  const path = join(folder, 'good.safetensors');
  const task = tinyTraining(held.gpu, { epochs: 1 });
  await train({ ...task, onCheckpoint: (at) => saveCheckpoint(path, task, at, 'this run') });
  const into = tinyTraining(held.gpu);
  await expectRobust({
    ...{ files: { checkpoint: readFileSync(path) }, isRefusal, share: 0.3 },
    read: (file) => loadCheckpoint(written('changed.safetensors', file), into, 'this run'),
    check: async () => {
      for (const [name, { shape, data }] of await downloadTensors(into.model.stateDict())) {
        expect(data.length, name).toBe(shape.reduce((product, size) => product * size, 1));
      }
    },
  });
});

it('what weights record of their network', async () => {
  const recipe = completeRecipe({});
  const tensors = new Map([['fc.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]);
  const metadata = {
    ...{ model: 'custom-cnn', width: '0.25', data: 'mnist', mean: '0.5,0.5,0.5', std: '0.25,0.25,0.25' },
    ...{ classes: '["a","b"]', imageSize: '32', reading: '{"mirror":false}' },
  };
  const checkpoint = { format: 'wgrad-checkpoint', configuration: JSON.stringify({ recipe, data: 'mnist: 1' }) };
  await expectRobust({
    files: { weights: writeSafetensors(tensors, metadata), checkpoint: writeSafetensors(tensors, checkpoint) },
    ...{ isRefusal, read: (file) => readWeightsFile(written('w.safetensors', file)) },
    check: ({ recorded }) => usable(recorded),
  });
  // Other texts where numbers are meant.
  const text = fc.oneof(fc.constantFrom('1e9', '1,1', '0,0,0', '-0.5,1,1', '0.5,,', ...ODD_TEXTS), fc.string());
  const texts = fc.dictionary(fc.constantFrom(...Object.keys(metadata)), text, { minKeys: 1, maxKeys: 2 });
  fc.assert(
    fc.property(texts, (odd) => {
      let recorded: RecordedNetwork | undefined;
      try {
        recorded = recordedNetwork(writeSafetensors(tensors, { ...metadata, ...odd }));
      } catch (error) {
        expect(error).toBeInstanceOf(WeightsFormatError);
        return;
      }
      usable(recorded);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

/** Throws where a network could not be made, or images not be normalised, as a file says. */
function usable(recorded: RecordedNetwork | undefined): void {
  if (recorded === undefined) return;
  const { width, mean, std, imageSize } = recorded;
  expect(width).toBeGreaterThan(0);
  expect(width).toBeLessThanOrEqual(16);
  for (const value of mean ?? []) expect(Number.isFinite(value)).toBe(true);
  for (const value of std ?? []) expect(value).toBeGreaterThan(0);
  if (imageSize !== undefined) expect(imageSize).toBeLessThanOrEqual(1024);
}
