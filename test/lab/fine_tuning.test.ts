import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDataset } from '../../src/data/node.ts';
import { main } from '../../src/lab/cli/command_line.ts';
import { readWeights } from '../../src/node.ts';
import { captureConsole } from './commands/captured_console.ts';
import { interruptAt } from './commands/interrupt_at.ts';

const LENGTH = '--batch-size 6 --epochs 1 --rung tiled';
const FREEZE = ['conv1', 'bn1', 'layer1'];

const PATIENCE = 600_000;

let folder: string;
const captured = captureConsole();
const at = (...parts: string[]) => join(folder, ...parts);
const run = (line: string) => main(line.split(' '));
/** Fine-tuning with the weights of the training in `from`, on three classes of one's own. */
const tune = (into: string, ...more: string[]) =>
  [
    ...['train --data', at('digits'), '--weights', at('from', 'weights.safetensors'), '--freeze', ...FREEZE],
    ...['--lr 0.001 --head-lr 0.01', LENGTH, ...more, '--into', at(into)],
  ].join(' ');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-fine-tuning-'));
  const { train } = await loadDataset('mnist');
  for (const [name, digit] of Object.entries({ three: 3, seven: 7, eight: 8 })) {
    mkdirSync(at('digits', name), { recursive: true });
    const positions = [...train.labels.keys()].filter((i) => train.labels[i] === digit).slice(0, 8);
    for (const i of positions) {
      const pixels = train.images.subarray(784 * i, 784 * (i + 1));
      await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } }).toFile(at('digits', name, `${i}.png`));
    }
  }
});
beforeEach(() => void vi.stubEnv('XDG_CACHE_HOME', at('cache')));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const weightsOf = (name: string) => readWeights(readFileSync(at(name, 'weights.safetensors')));
const resultsOf = (name: string) => JSON.parse(readFileSync(at(name, 'results.json'), 'utf8'));

/** The names of the tensors that two trainings have alike. */
function alike(a: string, b: string): string[] {
  const other = weightsOf(b);
  return [...weightsOf(a)].flatMap(([name, { data }]) => (`${data}` === `${other.get(name)?.data}` ? [name] : []));
}

describe('train --weights', { timeout: PATIENCE }, () => {
  it('goes on from own weights: what is frozen stays, the last layer is new, the normalisation is kept', async () => {
    const from = `train --data mnist --model resnet20 --width 0.25 --max-per-class 2 --test-per-class 1 ${LENGTH}`;
    expect(await run(`${from} --into ${at('from')}`)).toBe(0);
    captured.lines.length = 0;
    expect(await run(tune('tuned'))).toBe(0);
    const said = captured.lines.join('\n');
    expect(said).toContain('95 of 97 tensors are kept. The last layer, linear, is new: the weights are for 10 classes');
    expect(said).toContain('Images are normalised as the weights record');
    const frozen = [...weightsOf('from').keys()].filter((name) => FREEZE.some((part) => name.startsWith(`${part}.`)));
    expect(frozen).toContain('layer1.2.bn2.running_var');
    expect(alike('tuned', 'from')).toEqual(frozen);
    const { configuration } = resultsOf('tuned');
    const { mean, std } = configuration.fineTuning;
    expect(configuration.weights).toBe(at('from', 'weights.safetensors'));
    const header = readFileSync(at('tuned', 'weights.safetensors')).subarray(8, 8000).toString('latin1');
    expect(header).toContain(`"mean":"${mean}"`);
    expect(header).toContain(`"std":"${std}"`);
    expect(header).toContain('three');
  });

  it('is stopped and resumed to the same bits, the weights gone meanwhile', async () => {
    // Three steps.
    const restore = interruptAt(2);
    expect(await run(tune('stopped'))).toBe(130);
    restore();
    renameSync(at('from'), at('away'));
    expect(await run(`train --resume ${at('stopped')}`)).toBe(0);
    renameSync(at('away'), at('from'));
    expect(readFileSync(at('stopped', 'weights.safetensors'))).toEqual(
      readFileSync(at('tuned', 'weights.safetensors')),
    );
    expect(resultsOf('stopped').training).toEqual(resultsOf('tuned').training);
  });

  it('is known by its weights, by what is frozen and by the rate of the last layer', async () => {
    const keyOf = (name: string) =>
      readdirSync(at(name, 'checkpoints')).filter((file) => file.endsWith('.safetensors'));
    const keys = [keyOf('tuned')[0]];
    for (const [i, line] of [
      tune('other-0').replace('--head-lr 0.01', '--head-lr 0.02'),
      tune('other-1').replace('conv1 ', ''),
      tune('other-2', '--mean 0.5,0.5,0.5'),
      tune('other-3').replace(at('from', 'weights'), at('tuned', 'weights')),
    ].entries()) {
      expect(await run(line)).toBe(0);
      keys.push(keyOf(`other-${i}`)[0]);
      expect(await run(line.replace(`other-${i}`, 'tuned'))).toBe(2);
    }
    expect(new Set(keys).size).toBe(5);
    // The last of them has the same classes: nothing is new.
    expect(captured.lines.join('\n')).toContain('the last layer, linear, too: the classes are the same.');
    expect(await run(tune('tuned'))).toBe(0);
  });

  it('is prolonged with its frozen parts and its two rates', async () => {
    expect(await run(tune('two').replace('--epochs 1', '--epochs 2'))).toBe(0);
    expect(await run(`train --continue ${at('tuned')} --epochs 2 --into ${at('longer')}`)).toBe(0);
    expect(readFileSync(at('longer', 'weights.safetensors'))).toEqual(readFileSync(at('two', 'weights.safetensors')));
  });

  it('takes the form for large images from the weights, and leaves weights that are tested as they are', async () => {
    const large = `--model resnet18 --width 0.0625 --image-size 64 ${LENGTH}`;
    expect(await run(`train --data ${at('digits')} ${large} --form imagenet --into ${at('large')}`)).toBe(0);
    const from = ['--weights', at('large', 'weights.safetensors')].join(' ');
    const frozen = '--freeze features --image-size 64';
    expect(await run(`train --data ${at('digits')} ${from} ${frozen} ${LENGTH} --into ${at('large-tuned')}`)).toBe(0);
    const { configuration, training } = resultsOf('large-tuned');
    expect(configuration.recipe).toMatchObject({ model: 'resnet18', form: 'imagenet', width: 0.0625 });
    expect(training.parameters - training.trainableParameters).toBe(
      resultsOf('large').training.parameters - (32 * 3 + 3),
    );
    captured.lines.length = 0;
    expect(await run(`evaluate --weights ${at('large-tuned', 'weights.safetensors')} --rung tiled --json`)).toBe(0);
    expect(JSON.parse(captured.lines[0])).toMatchObject({ accuracy: training.test.accuracy });
    // Small images: the form for them, the kernel made smaller.
    expect(await run(`train --data ${at('digits')} ${from} ${LENGTH} --into ${at('small-tuned')}`)).toBe(0);
    expect(captured.lines.join('\n')).toContain('The kernel of conv1 was made 3×3, from 7×7.');
    expect(resultsOf('small-tuned').configuration.recipe).not.toHaveProperty('form');
  });

  it('begins no training where what is new would not learn, or the images have changed', async () => {
    const refused = async (line: string, sentence: string) => {
      captured.errors.length = 0;
      expect(await run(line)).toBe(2);
      expect(captured.errors.join('')).toContain(sentence);
      expect(existsSync(at('none', 'results.json'))).toBe(false);
    };
    await refused(tune('none').replace('conv1', 'linear'), 'the last layer, linear, from learning, but it is new');
    renameSync(at('digits', 'three'), at('digits', 'nine'));
    await refused(
      `train --continue ${at('tuned')} --epochs 3 --into ${at('none')}`,
      `tuned was trained on other images than ${at('digits')} has now`,
    );
    renameSync(at('digits', 'nine'), at('digits', 'three'));
  });

  it('refuses weights that changed before the first step', async () => {
    writeFileSync(at('w.safetensors'), readFileSync(at('from', 'weights.safetensors')));
    const restore = interruptAt(1);
    expect(await run(tune('begun').replace(at('from', 'weights'), at('w')))).toBe(130);
    restore();
    rmSync(at('begun', 'checkpoints'), { recursive: true });
    writeFileSync(at('w.safetensors'), readFileSync(at('tuned', 'weights.safetensors')));
    expect(await run(`train --resume ${at('begun')}`)).toBe(2);
    expect(captured.errors.join('')).toContain('has changed since the training was to begin from it; start a new run.');
  });
});
