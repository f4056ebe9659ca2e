import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Tests of more than one file, with what they are of. */
const OF_MANY: Readonly<Record<string, string>> = {
  'doors.test.ts': 'all public names',
  'documents.test.ts': 'the programs in the documents',
  'examples.test.ts': 'the examples',
  'mirror.test.ts': 'this',
  'package.test.ts': 'the package as others install it',
  'autograd/ops/empty.test.ts': 'every operation',
  'autograd/bad_arguments.test.ts': 'every operation, given what it cannot take',
  'autograd/limits.test.ts': 'every operation, at the limits of a device',
  'autograd/ops/nan.test.ts': 'every operation',
  'inspect/diagnose/lab_recipes.test.ts': 'diagnose, of each kind of the lab’s recipes',
  'fuzz/data.test.ts': 'every reader of data',
  'fuzz/run_files.test.ts': 'every reader of what runs leave',
  'fuzz/weights.test.ts': 'every reader of weights',
  'lab/bad_input/bad_input.test.ts': 'every command, given what cannot be used',
  'lab/fine_tuning.test.ts': 'trainings that go on from weights',
  'lab/own_images.test.ts': 'images of one’s own, from training to prediction',
  'autograd/ops/torch.test.ts': 'what PyTorch computes too',
  'lab/smoke.test.ts': 'a run of the whole lab',
  'nn/training_step.test.ts': 'model, loss and optimizer together',
  'scripts/ci_run.test.ts': '.ci/run',
  'scripts/imports.test.ts': '.dependency-cruiser.mjs',
  'runtime/faults.test.ts': 'a training on a device that fails',
  'web/firefox.test.ts': 'the live page in Firefox',
  'web/live.test.ts': 'the live page in Chromium',
  'train/overfit.test.ts': 'every network, in training',
  'train/pretrained_resnet20.test.ts': 'weights from elsewhere, evaluated',
};

const here = new URL('.', import.meta.url);
const exists = (file: string) => existsSync(new URL(file, here));

it('a file’s tests stand at its own path', () => {
  const tests = readdirSync(here, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts'));
  expect(tests.length).toBeGreaterThan(200);
  const strays = tests.filter((file) => {
    const path = file.replace(/\.test\.ts$/, '');
    const places = [`../src/${path}.ts`, `../${path}.ts`, `../${path}.mjs`];
    return !places.some(exists) && !Object.hasOwn(OF_MANY, file);
  });
  expect(strays).toEqual([]);
  expect(Object.keys(OF_MANY).filter((file) => !exists(file))).toEqual([]);
});
