import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../src/data/node.ts';
import { int64, npy, writeNpz } from '../data/sources/own/made_images.ts';

/** Images of each class, from a rare one to a frequent one; the names' order is another. */
const CLASSES = { two: 4, one: 18, zero: 34 } as const;
const DIGITS = { zero: 0, one: 1, two: 2 } as const;
const NAMES = ['one', 'two', 'zero'];

const PATIENCE = 600_000;

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

interface Digit {
  name: keyof typeof CLASSES;
  pixels: Uint8Array;
}

/** Digits of MNIST, so many of each class. */
async function digits(): Promise<Digit[]> {
  const { train } = await loadDataset('mnist');
  return Object.entries(CLASSES).flatMap(([name, count]) =>
    [...train.labels.keys()]
      .filter((i) => train.labels[i] === DIGITS[name as keyof typeof CLASSES])
      .slice(0, count)
      .map((i) => ({ name: name as keyof typeof CLASSES, pixels: train.images.subarray(784 * i, 784 * (i + 1)) })),
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-own-lab-'));
  const all = await digits();
  // As PNG and JPEG, in three sizes.
  const rows: string[] = [];
  for (const [i, { name, pixels }] of all.entries()) {
    mkdirSync(at('folder', name), { recursive: true });
    const size = [28, 41, 64][i % 3];
    const file = `${i}.${i % 2 ? 'png' : 'jpg'}`;
    const image = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } });
    await image.resize(size, size + (i % 5)).toFile(at('folder', name, file));
    rows.push(`folder/${name}/${file},${name}`);
  }
  writeFileSync(at('table.csv'), `image,label\n${rows.join('\n')}\n`);
  const part = (name: string, of: readonly Digit[]) => ({
    [`${name}_images`]: npy('|u1', [of.length, 28, 28], Buffer.concat(of.map(({ pixels }) => pixels))),
    [`${name}_labels`]: npy('<i8', [of.length, 1], int64(of.map(({ name }) => DIGITS[name]))),
  });
  const every = (k: number) => all.filter((_, i) => i % 5 === k);
  writeNpz(at('arrays.npz'), {
    ...part(
      'train',
      all.filter((_, i) => i % 5 > 1),
    ),
    ...part('val', every(0)),
    ...part('test', every(1)),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command line in a process of its own, with a cache of the test's own. */
function wgrad(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/lab/cli/main.ts', ...args], {
    encoding: 'utf8',
    timeout: PATIENCE,
    env: { ...process.env, XDG_CACHE_HOME: at('cache') },
  });
  return { status, stdout, stderr: stderr.replace(/^Warning: max.*\n/gm, '') };
}

const NETWORK = ['--model', 'custom-cnn', '--width', '0.0625', '--epochs', '2', '--batch-size', '8'];

describe.each([
  { kind: 'a folder', data: 'folder', names: NAMES, validation: 0.1, tested: [4, 1, 7], damaged: true },
  { kind: 'a table', data: 'table.csv', names: NAMES, validation: 0.1, tested: [4, 1, 7], damaged: false },
  {
    kind: 'an archive',
    data: 'arrays.npz',
    names: ['0', '1', '2'],
    validation: 'own',
    tested: undefined,
    damaged: false,
  },
])('$kind of images', ({ data, names, validation, tested, damaged }) => {
  const out = (name: string) => at(`${data}-${name}`);
  let run: string;
  const weights = () => join(run, 'weights.safetensors');

  it('is trained on, with validation, and tested', () => {
    const { status, stdout, stderr } = wgrad('train', '--data', at(data), ...NETWORK, '--out', out('train'));
    expect([status, stderr.includes('wgrad:')]).toEqual([0, false]);
    run = join(out('train'), readdirSync(out('train'))[0]);
    const { configuration, dataset, training } = JSON.parse(readFileSync(join(run, 'results.json'), 'utf8'));
    expect(configuration).toMatchObject({ data: at(data), imbalance: null, recipe: { validation } });
    expect(dataset).toMatchObject({ name: data.replace(/\..*/, ''), classNames: names });
    if (tested) {
      expect(dataset).toMatchObject({ trainingCounts: [14, 3, 27], testCounts: tested, tested: 12 });
      expect(stdout).toContain('44 training images, 12 test images of 3 classes: always guessing zero');
      expect(stdout).toContain('is right for 58.3 % of them.');
      expect(stdout).toContain('zero 27 (7), one 14 (4), two 3 (1); largest to smallest 9.0.');
    }
    expect(training.history).toHaveLength(2);
    const best = training.history.map(
      ({ validation }: { validation: { balancedAccuracy: number } }) => validation.balancedAccuracy,
    );
    expect(training.keptEpoch).toBe(best[1] > best[0] ? 2 : 1);
    expect(readFileSync(join(run, 'history.csv'), 'utf8')).toMatch(
      /^epoch,loss,accuracy,seconds,validationLoss,.*\n1,.*\n2,/,
    );
    // What weighs each class the same stands before accuracy, and each class's recall is told.
    expect(stdout).toMatch(/balanced accuracy[\s\S]*macro F1[\s\S]*│ accuracy/);
    for (const name of names) expect(stdout).toMatch(new RegExp(`│ ${name} +│ +\\d+ │ +[\\d.]+ % │`));
  });

  it('is evaluated to the same scores', () => {
    const { test } = JSON.parse(readFileSync(join(run, 'results.json'), 'utf8')).training;
    const { status, stdout } = wgrad('evaluate', '--weights', weights(), '--json');
    expect(status).toBe(0);
    const scores = JSON.parse(stdout);
    const { accuracy, balancedAccuracy, samples } = test;
    expect(scores).toMatchObject({ accuracy, balancedAccuracy, macroF1: test.macro.f1, count: samples });
    expect(scores.loss).toBeCloseTo(test.loss, 4);
  });

  it('is predicted, with maps of where the network looks', () => {
    const images = [at('folder', 'two'), at('folder', 'one', readdirSync(at('folder', 'one'))[0])];
    const { status, stdout } = wgrad(
      ...['predict', '--weights', weights(), '--json', '--top', '2'],
      ...['--grad-cam', out('maps')],
      ...images,
    );
    expect(status).toBe(0);
    const predictions = JSON.parse(stdout);
    expect(predictions).toHaveLength(5);
    for (const { image, classes } of predictions) {
      expect(existsSync(image)).toBe(true);
      expect(classes).toHaveLength(2);
      expect(names).toContain(classes[0].name);
      expect(classes[0].probability).toBeGreaterThanOrEqual(classes[1].probability);
      expect(classes[0].probability + classes[1].probability).toBeLessThanOrEqual(1 + 1e-6);
    }
    const maps = readdirSync(out('maps'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.png'),
    );
    expect(maps).toHaveLength(5);
    const { width, height } = PNG.sync.read(readFileSync(join(out('maps'), maps[0])));
    expect([width, height]).toEqual([256, 256]);
  });

  it.runIf(damaged)('names a broken image and tells the others', () => {
    writeFileSync(at('broken.png'), 'no image');
    const good = at('folder', 'one', readdirSync(at('folder', 'one'))[0]);
    const { status, stdout, stderr } = wgrad(
      'predict',
      '--weights',
      weights(),
      '--csv',
      at('broken.png'),
      good,
      at('gone.png'),
    );
    expect(status).toBe(1);
    expect(stderr).toContain(`wgrad: ${at('broken.png')} cannot be decoded: `);
    expect(stderr).toContain(`wgrad: ${at('gone.png')} cannot be decoded: it is not there.`);
    const [header, row, ...rest] = stdout.trimEnd().split('\n');
    expect(header).toBe('image,class_1,probability_1,class_2,probability_2,class_3,probability_3');
    expect(row.startsWith(`${good},`)).toBe(true);
    expect(rest).toEqual([]);
  });

  it.runIf(damaged)('is tested on other images of its classes, all of them', () => {
    for (const name of ['one', 'zero']) {
      const files = readdirSync(at('folder', name)).slice(0, 3);
      for (const file of files) cpSync(at('folder', name, file), at('others', name, file));
    }
    const { status, stdout } = wgrad('evaluate', '--weights', weights(), '--data', at('others'), '--json');
    expect([status, JSON.parse(stdout).count]).toEqual([0, 6]);
    // The class two, which has no images here, keeps its place: the scores are those of the predictions by name.
    const told = JSON.parse(wgrad('predict', '--weights', weights(), '--json', '--top', '1', at('others')).stdout);
    const right = told.filter(({ image, classes }: { image: string; classes: { name: string }[] }) =>
      image.includes(`others/${classes[0].name}/`),
    );
    expect(JSON.parse(stdout).accuracy).toBeCloseTo(right.length / 6, 12);
    cpSync(at('others', 'one'), at('others', 'seven'), { recursive: true });
    const unknown = wgrad('evaluate', '--weights', weights(), '--data', at('others'));
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain(
      'others has the class seven, which the network does not know; it knows one, two, zero.',
    );
  });

  it('goes through the whole lab', { timeout: PATIENCE }, () => {
    const { status, stderr } = wgrad('lab', '--preset', 'smoke', '--data', at(data), '--out', out('lab'));
    expect([status, stderr.includes('wgrad:')]).toEqual([0, false]);
    const made = join(out('lab'), readdirSync(out('lab'))[0]);
    const { configuration, dataset, experiments } = JSON.parse(readFileSync(join(made, 'results.json'), 'utf8'));
    expect(configuration.imbalance).toBeNull();
    expect(dataset.classNames).toEqual(names);
    expect(Object.values<{ status: string }>(experiments).map(({ status }) => status)).toEqual(Array(8).fill('done'));
    const { best } = experiments.summary.results;
    expect(best[0].score).toBe('balancedAccuracy');
    // Pictures apart, whose bytes as text may say anything.
    const report = readFileSync(join(made, 'report.html'), 'utf8').replace(/<svg[\s\S]*?<\/svg>|data:[^"]*/g, '');
    for (const name of names) expect(report).toContain(name);
    expect(report).not.toMatch(/balanced test (set|images)|long tail|undefined|NaN/);
    expect(report).toContain('The classes keep the proportions that the data set has');
  });
});

describe('an untidy folder', () => {
  /** Whether the image is of the rare class, which has three images among 250; every fifth has a transparent half. */
  const draw = async (i: number, rare: boolean, transparent: boolean) => {
    const pixels = new Uint8Array(16 * 16 * 4).map((_, at) => {
      const column = Math.floor(at / 4) % 16;
      if (at % 4 === 3) return transparent && column < 8 ? 0 : 255;
      return rare ? (40 * i) % 256 : 128 + ((at + i) % 100);
    });
    return sharp(pixels, { raw: { width: 16, height: 16, channels: 4 } });
  };
  const BLUE = '#204060';

  it('is trained on: folders within classes, other files, transparency, a class of three images beside one of 250', async () => {
    for (let i = 0; i < 250; i++) {
      const within = at('untidy', 'many', `camera ${i % 3}`, i % 2 ? 'indoor' : '');
      mkdirSync(within, { recursive: true });
      await (await draw(i, false, i % 5 === 0)).png().toFile(join(within, `${i}.png`));
    }
    mkdirSync(at('untidy', 'rare'));
    for (let i = 0; i < 3; i++)
      await (await draw(i, true, true)).webp({ lossless: true }).toFile(at('untidy', 'rare', `${i}.webp`));
    for (const other of ['notes.txt', 'many/call.ogg', 'many/camera 1/plan.svg', 'rare/.DS_Store']) {
      writeFileSync(at('untidy', other), 'no image');
    }
    const { status, stdout, stderr } = wgrad(
      ...['train', '--data', at('untidy'), '--background', BLUE, '--model', 'custom-cnn', '--width', '0.0625'],
      ...['--epochs', '1', '--batch-size', '64', '--image-size', '16', '--into', at('untidy-run')],
    );
    expect([status, stderr.includes('wgrad:')]).toEqual([0, false]);
    expect(stdout).toContain('Passed over 3 files that are no images (.txt 1, .ogg 1, .svg 1).');
    expect(stdout).toContain('many 200 (50), rare 2 (1); largest to smallest 100.0.');
    const { configuration, training } = JSON.parse(readFileSync(at('untidy-run', 'results.json'), 'utf8'));
    expect(configuration).toMatchObject({ background: BLUE, imageSize: 16, recipe: { validation: 0.1 } });
    expect(training.test.perClass.map(({ support }: { support: number }) => support)).toEqual([50, 1]);
  });

  it('is laid on the same colour where its images are predicted', async () => {
    const rgba = await draw(1, true, true);
    await rgba.clone().png().toFile(at('transparent.png'));
    await rgba.clone().flatten({ background: BLUE }).png().toFile(at('laid.png'));
    const predicted = (...options: string[]) => {
      const weights = at('untidy-run', 'weights.safetensors');
      const { stdout } = wgrad(
        'predict',
        '--weights',
        weights,
        '--json',
        ...options,
        at('transparent.png'),
        at('laid.png'),
      );
      return JSON.parse(stdout).map(({ classes }: { classes: unknown }) => classes);
    };
    const [transparent, laid] = predicted();
    expect(transparent).toEqual(laid);
    const [onWhite] = predicted('--background', 'white');
    expect(onWhite).not.toEqual(laid);
  });
});
