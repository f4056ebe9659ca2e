import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS, type Commands, main } from '../../../src/lab/cli/command_line.ts';
import { stopUnread } from '../../../src/lab/cli/interruption.ts';
import type { EvaluateOptions } from '../../../src/lab/commands/evaluate.ts';
import type { LabOptions } from '../../../src/lab/commands/lab.ts';
import type { ListModelsOptions } from '../../../src/lab/commands/models.ts';
import type { SweepOptions } from '../../../src/lab/commands/sweep.ts';
import type { TrainOptions } from '../../../src/lab/commands/train.ts';
import { EXPERIMENTS } from '../../../src/lab/experiments/index.ts';
import { IMPROVEMENTS } from '../../../src/lab/improvements/index.ts';
import { FolderInUse } from '../../../src/node/folder_lock.ts';
import { DeviceError, OutOfMemoryError, UserError } from '../../../src/runtime/errors.ts';
import { RECIPE_FIELD_NAMES, RECIPE_FIELDS } from '../../../src/train/recipe_fields.ts';

let out: string;
let errors: string;
let given: LabOptions[];

beforeEach(() => {
  out = '';
  errors = '';
  given = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text;
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    errors += `${text}\n`;
  });
});
afterEach(() => vi.restoreAllMocks());

/** Runs a command line whose commands do nothing but note their options, or what is given. */
function run(line: string, commands: Partial<Commands> = {}): Promise<number> {
  const runLab = async (options: LabOptions) => {
    given.push(options);
    return 0;
  };
  const args = line.split(' ').filter((word) => word !== '');
  const nothing = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, async () => 0])) as unknown as Commands;
  return main(args, { ...nothing, runLab, ...commands });
}

describe('wgrad', () => {
  it('prints help where no command is given, and for --help', async () => {
    expect(await run('')).toBe(2);
    for (const word of ['lab', 'doctor', 'Usage: wgrad']) expect(errors).toContain(word);
    expect(await run('--help')).toBe(0);
    for (const word of ['lab', 'doctor', 'Usage: wgrad']) expect(out).toContain(word);
  });

  it('explains every option of the lab with its default, in 80 columns', async () => {
    expect(await run('lab --help')).toBe(0);
    const options = [
      'preset',
      'data',
      'data-dir',
      'out',
      'resume',
      'seed',
      'epochs',
      'batch-size',
      'width',
      'imbalance',
      'seeds',
      'pretrained',
      'improvements',
    ];
    for (const name of [...options, 'max-per-class', 'adapter']) {
      expect(out).toMatch(new RegExp(`^ +--${name} <[^>]+> {2,}\\S+`, 'm'));
    }
    const text = out.replace(/\s+/g, ' ');
    for (const value of ['default: "auto"', 'default: "runs"', 'default: 42', 'default: cifar10; mnist where']) {
      expect(text).toContain(value);
    }
    expect(text.match(/default: by preset/g)).toHaveLength(5);
    for (const preset of ['smoke', 'quick', 'full']) expect(out).toMatch(new RegExp(`^ {2}${preset} `, 'm'));
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('names the experiments with a line each', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    expect(await run('lab list')).toBe(0);
    expect(lines).toHaveLength(EXPERIMENTS.length + 1 + IMPROVEMENTS.length);
    for (const [i, { id, title }] of EXPERIMENTS.entries()) {
      expect(lines[i]).toMatch(new RegExp(`^${id} +${title}: [^\\n]+\\?$`));
    }
    for (const [i, { name, group, description }] of IMPROVEMENTS.entries()) {
      expect(lines[EXPERIMENTS.length + 1 + i].replace(/ +/, ' ')).toBe(`${name} ${group}: ${description}`);
    }
    expect(given).toEqual([]);
  });

  it('passes the options on, with their defaults', async () => {
    expect(await run('lab')).toBe(0);
    expect(given[0]).toMatchObject({
      experiments: [],
      preset: 'auto',
      out: 'runs',
      seed: 42,
      seeds: 1,
      signal: { aborted: false },
    });
    for (const name of ['data', 'epochs', 'width', 'resume', 'adapter'])
      expect(given[0]).not.toHaveProperty(name, expect.anything());
    const line =
      'lab ps4 ps1 --preset quick --data mnist --data-dir a --out b --seed 0 --seeds 2 --epochs 3 --batch-size 7 --width 0.5 --imbalance 1 --max-per-class 9 --pretrained p --improvements se,mixup --adapter x';
    expect(await run(line)).toBe(0);
    expect(given[1]).toMatchObject({
      ...{ preset: 'quick', data: 'mnist', dataDir: 'a', out: 'b', seed: 0, epochs: 3, batchSize: 7, width: 0.5 },
      ...{ experiments: ['ps4', 'ps1'], seeds: 2, imbalance: 1, maxPerClass: 9, pretrained: 'p', adapter: 'x' },
      improvements: ['se', 'mixup'],
    });
    expect(await run('lab --resume r --adapter software --data-dir d')).toBe(0);
    expect(given[2]).toMatchObject({ resume: 'r', adapter: 'software', dataDir: 'd' });
    expect(errors).toBe('');
  });

  it('passes the options of train on, with their defaults', async () => {
    const asked: TrainOptions[] = [];
    const train = async (options: TrainOptions) => {
      asked.push(options);
      return 0;
    };
    expect(await run('train', { train })).toBe(0);
    // What is not given is for the recipe to fill in.
    expect(asked[0]).toMatchObject({ out: 'runs', signal: { aborted: false } });
    for (const name of RECIPE_FIELD_NAMES) expect(asked[0]).not.toHaveProperty(name, expect.anything());
    for (const name of ['data', 'maxPerClass', 'testPerClass', 'resume', 'json'])
      expect(asked[0]).not.toHaveProperty(name, expect.anything());
    const line =
      'train --model resnet56 --width 0.5 --dropout 0 --stochastic-depth 0.5 --loss ldam --optimizer sgd --lr 0.1 --weight-decay 0 --clip-norm 5 --schedule one-cycle --sampler smote --augmentation cutmix --data mnist --imbalance 100 --max-per-class 7 --test-per-class 8 --epochs 3 --batch-size 9 --seed 0 --momentum 0.8 --nesterov --betas 0.8,0.99 --eps 1e-7 --drop-last --label-smoothing 0.1 --gamma 3 --beta 0.9 --tau 2 --warm-up-epochs 1.5 --plateau-epochs 2 --validation 0.2 --keep last --keep-by macro-f1 --patience 3 --smooth-head 0.4 --smooth-tail 0.1 --classifier cosine --classifier-scale learned --defer-weights 0.8 --defer-sampler 0.7 --mix-until 0.6 --second-stage crt --second-epochs 2 --second-lr 0.01 --imbalance-type step --tail-images first --form imagenet --precision f16 --weights w --freeze features,conv1 bn1 --head-lr 0.2 --mean 0,0,1 --std 1,1,2 --no-mirror --image-size 64 --background #00ff00 --test-share 0.3 --skip-damaged --out o --data-dir d --adapter a --image-memory 3 --rung naive --profile --json';
    expect(await run(line, { train })).toBe(0);
    for (const name of RECIPE_FIELD_NAMES)
      if (RECIPE_FIELDS[name].flags) expect(asked[1]).toHaveProperty(name, expect.anything());
    expect(asked[1]).toMatchObject({
      ...{
        model: 'resnet56',
        width: 0.5,
        dropout: 0,
        stochasticDepth: 0.5,
        loss: 'ldam',
        optimizer: 'sgd',
        lr: 0.1,
        weightDecay: 0,
      },
      ...{ clipNorm: 5, schedule: 'one-cycle', sampler: 'smote', augmentation: 'cutmix', data: 'mnist' },
      ...{ imbalance: 100, maxPerClass: 7, testPerClass: 8, epochs: 3, batchSize: 9, seed: 0, out: 'o' },
      ...{ dataDir: 'd', adapter: 'a', imageMemory: 3 * 2 ** 20, rung: 'naive', profile: true, json: true },
      ...{ momentum: 0.8, nesterov: true, betas: [0.8, 0.99], eps: 1e-7, dropLast: true, labelSmoothing: 0.1 },
      ...{ gamma: 3, beta: 0.9, tau: 2, warmUpEpochs: 1.5, plateauEpochs: 2 },
      ...{ validation: 0.2, keep: 'last', keepBy: 'macro-f1', patience: 3 },
      ...{ form: 'imagenet', weights: 'w', freeze: ['features', 'conv1', 'bn1'], headLr: 0.2, precision: 'f16' },
      ...{ mean: [0, 0, 1], std: [1, 1, 2], background: '#00ff00' },
      ...{ mirror: false, imageSize: 64, testShare: 0.3, skipDamaged: true },
    });
    expect(await run('train --resume r --json', { train })).toBe(0);
    expect(asked[2]).toMatchObject({ resume: 'r', json: true });
    expect(await run('train --continue c --epochs 9 --out o', { train })).toBe(0);
    expect(asked[3]).toMatchObject({ continue: 'c', epochs: 9, out: 'o' });
  });

  it('passes the options of evaluate on, with their defaults', async () => {
    const asked: EvaluateOptions[] = [];
    const evaluate = async (options: EvaluateOptions) => {
      asked.push(options);
      return 0;
    };
    expect(await run('evaluate --model resnet20 --weights w.th', { evaluate })).toBe(0);
    expect(asked[0]).toMatchObject({ model: 'resnet20', weights: 'w.th', batchSize: 100 });
    for (const name of ['data', 'width', 'mean', 'std', 'first', 'json'])
      expect(asked[0]).not.toHaveProperty(name, expect.anything());
    const line =
      'evaluate --model custom-cnn --weights w --data mnist --data-dir d --mean 0,0.5,1 --std 0.1,2,3 --first 7 --batch-size 8 --width 0.5 --adapter a --rung blocked:64x64x16/8x4 --json';
    expect(await run(line, { evaluate })).toBe(0);
    expect(asked[1]).toMatchObject({
      ...{ model: 'custom-cnn', data: 'mnist', dataDir: 'd', mean: [0, 0.5, 1], std: [0.1, 2, 3], first: 7 },
      ...{ batchSize: 8, width: 0.5, adapter: 'a', rung: 'blocked:64x64x16/8x4', json: true },
    });
  });

  it('passes the options of models on', async () => {
    const asked: ListModelsOptions[] = [];
    const models = async (options: ListModelsOptions) => {
      asked.push(options);
      return 0;
    };
    expect(await run('models', { models })).toBe(0);
    expect(await run('models --json --width 0.25', { models })).toBe(0);
    expect(asked).toEqual([{ width: 1 }, { json: true, width: 0.25 }]);
  });

  it.each(['train', 'evaluate', 'export', 'models', 'doctor'])(
    'explains every option of %s, in 80 columns',
    async (command) => {
      expect(await run(`${command} --help`)).toBe(0);
      const options = out.match(/^ {2}(-\w, )?--[a-z-]+( <[^>]+>)? {2,}\S+/gm);
      expect(options?.length).toBe(out.match(/^ {2}(-\w, )?--/gm)?.length);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );

  it.each([
    ['nosuch', 'nosuch'],
    [
      'train --model nosuch',
      'custom-cnn, resnet18, resnet34, resnet20, resnet32, resnet44, resnet56, resnet110, efficientnet-b0',
    ],
    ['train --loss nosuch', 'ce, weighted-ce, sqrt-weighted-ce, focal'],
    ['train --optimizer nosuch', 'sgd, adam, adamw, rmsprop'],
    ['train --schedule nosuch', 'constant, step'],
    ['train --sampler nosuch', 'none, random-oversampling'],
    ['train --augmentation nosuch', 'none, lab, targeted'],
    ['train --log nosuch', 'tensorboard, jsonl'],
    ['train --rung nosuch', 'naive, tiled, blocked, subgroup'],
    ['train --rung blocked:7x7x7/7x7', 'blocked:64x64x16/4x4'],
    ['train --resume r --rung naive', '--rung'],
    ['evaluate --model resnet20 --weights w --rung nosuch', 'naive, tiled, blocked, subgroup'],
    ['train --image-memory -1', '--image-memory'],
    ['train --lr -1', 'a number of at least 0'],
    ['train --lr 0x', 'a number of at least 0'],
    ['train --lr 1,2', 'a number of at least 0'],
    ['train --betas 0.9', 'two numbers of at least 0 and below 1, with a comma between them'],
    ['train --betas 0.9,1', 'two numbers'],
    ['train --momentum 1', 'below 1'],
    ['train --width 17', 'at most 16'],
    ['train --resume r --drop-last', '--drop-last'],
    ['train --resume r --betas 0.9,0.99', '--betas'],
    ['train --clip-norm 0', 'above 0'],
    ['train --dropout 1.5', '--dropout'],
    ['train --stochastic-depth -1', '--stochastic-depth'],
    ['train --epochs 0', '--epochs'],
    ['train --resume r --epochs 3', '--epochs'],
    ['train --resume r --loss focal', '--loss'],
    ['evaluate --model resnet20', '--weights'],
    [
      'evaluate --model resnet19 --weights w',
      'custom-cnn, resnet18, resnet34, resnet20, resnet32, resnet44, resnet56, resnet110, efficientnet-b0',
    ],
    ['evaluate --model resnet20 --weights w --mean 0.5,x,1', 'numbers from 0 to 1 with commas between them'],
    ['evaluate --model resnet20 --weights w --mean 0.5,', 'numbers from 0 to 1'],
    ['evaluate --model resnet20 --weights w --std 0,1,1', 'numbers above 0'],
    ['evaluate --model resnet20 --weights w --first 0', '--first'],
    ['models resnet20', 'too many arguments'],
    ['lab --nosuch', '--nosuch'],
    ['lab list ps1', 'list'],
    ['lab --seeds 0', '--seeds'],
    ['lab --resume r --seeds 2', '--seeds'],
    ['lab --resume r --pretrained p', '--pretrained'],
    ['lab --resume r --improvements se', '--improvements'],
    ['lab --improvements se,magic', "There is no improvement 'magic'"],
    ['lab --epochs', '--epochs'],
    ['lab --epochs 0', '--epochs'],
    ['lab --epochs 70000', 'from 1 to 65536'],
    ['lab --epochs 1.5', '--epochs'],
    ['lab --batch-size 0', '--batch-size'],
    ['lab --batch-size many', '--batch-size'],
    ['lab --width -1', '--width'],
    ['lab --width 0', 'above 0'],
    ['lab --width 16.5', 'at most 16'],
    ['lab --width NaN', '--width'],
    ['lab --width Infinity', '--width'],
    ['lab --seed 1.5', '--seed'],
    ['lab --seed -1', '--seed'],
    ['lab --seed 9007199254740993', '--seed'],
    ['lab --imbalance 0.5', '--imbalance'],
    ['lab --max-per-class 0', '--max-per-class'],
    ['predict --weights w', 'images'],
    ['predict i', '--weights'],
    ['predict i --weights w --top 0', '--top'],
    ['predict i --weights w --csv --json', '--json'],
    ['train --validation 1', 'a number of at least 0 and below 1, or own'],
    ['train --validation half', 'a number of at least 0 and below 1, or own'],
    ['train --keep first', 'best, last'],
    ['train --keep-by luck', 'loss, accuracy'],
    ['train --patience 0', '--patience'],
    ['train --image-size 7', 'from 8 to 1024'],
    ['train --test-share 1', 'above 0 and below 1'],
    ['train --resume r --no-mirror', '--no-mirror'],
    ['lab --resume r --image-size 64', '--image-size'],
    ['lab --preset nosuch', 'auto, smoke, quick, full'],
    ['lab --resume r --epochs 3', '--epochs'],
    ['lab --resume r --preset quick', '--preset'],
    ['lab --resume r --out o', '--out'],
    ['doctor --nosuch', '--nosuch'],
  ])('%s: says what is wrong in one line, exit code 2', async (line, named) => {
    expect(await run(line)).toBe(2);
    expect(errors).toMatch(/^wgrad: [^\n]+\n$/);
    expect(errors).toContain(named);
    expect(out).toBe('');
    expect(given).toEqual([]);
  });

  it.each([
    [new UserError('Your mistake.'), 2],
    [new DeviceError('No adapter.'), 1],
    [new OutOfMemoryError('No room.'), 1],
  ])('prints the message alone of %s', async (error, exitCode) => {
    expect(await run('lab', { runLab: () => Promise.reject(error) })).toBe(exitCode);
    expect(errors).toBe(`wgrad: ${error.message}\n`);
  });

  const LINES: Readonly<Record<keyof Commands, string>> = {
    ...{ train: 'train', diagnose: 'diagnose', runLab: 'lab', evaluate: 'evaluate --weights w' },
    ...{ predict: 'predict i --weights w', exportNetwork: 'export --weights w --onnx o', inspect: 'inspect' },
    ...{ sweep: 'sweep f', merge: 'merge a b --into c', models: 'models', gradcheck: 'gradcheck', ladder: 'ladder' },
    ...{ learn: 'learn check', doctor: 'doctor', compare: 'compare --data mnist' },
    ...{ verify: 'verify', benchmark: 'benchmark' },
  };

  it.each(Object.keys(COMMANDS) as (keyof Commands)[])(
    'ends %s in one sentence and a code whatever is thrown, with a stack for --debug alone',
    async (name) => {
      const system = Object.assign(new Error('EMFILE: too many open files'), { syscall: 'open', code: 'EMFILE' });
      const thrown: [unknown, number, string][] = [
        [new TypeError('x is not a function'), 1, 'A defect of wgrad itself stopped it: x is not a function; --debug'],
        [new RangeError('of\nseveral\n  lines.'), 1, 'stopped it: of several lines; --debug shows where.'],
        [system, 1, 'The system refused what was needed: EMFILE: too many open files; --debug'],
        ['a text', 1, 'a text'],
        [undefined, 1, 'undefined'],
        [new FolderInUse('Taken.'), 75, 'Taken.'],
        // What stands in files is shown as JSON writes it.
        [new UserError('Your\nmistake.'), 2, 'Your\\nmistake.'],
      ];
      for (const [error, exitCode, sentence] of thrown) {
        errors = '';
        expect(await run(LINES[name], { [name]: () => Promise.reject(error) })).toBe(exitCode);
        expect(errors).toMatch(/^wgrad: [^\n]+\n$/);
        expect(errors).toContain(sentence);
      }
      const shown = vi.mocked(console.error);
      shown.mockClear();
      await run(`${LINES[name]} --debug`, { [name]: () => Promise.reject(thrown[0][0]) });
      expect(shown.mock.calls.map(([first]) => first)).toEqual([expect.stringMatching(/^wgrad: /), thrown[0][0]]);
    },
  );

  it.each(['train --out', 'lab --out', 'doctor --data-dir', 'train --into', 'lab --resume', 'evaluate --weights'])(
    'refuses an empty text for %s',
    async (line) => {
      const [command, option] = line.split(' ');
      const nothing = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, async () => 0]));
      expect(await main([command, option, ''], nothing as unknown as Commands)).toBe(2);
      expect(errors).toBe(`wgrad: ${option} was given an empty text; give it a value, or leave it out.\n`);
    },
  );

  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('after %s has the command save, and ends with %s', async (name, exitCode) => {
    const runLab = async ({ signal }: LabOptions) => {
      process.emit(name, name);
      return signal?.aborted ? 130 : 0;
    };
    expect(await run('lab', { runLab })).toBe(exitCode);
    expect(errors).toContain('Stopping after the step under way and saving');
  });

  it('has the command save when its time is over, and ends with 75', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
    for (const line of ['lab', 'train', 'sweep f']) {
      errors = '';
      const work = async ({ signal }: { signal?: AbortSignal }) => {
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        // A scheduler's, which follows, is to let it save.
        process.emit('SIGTERM', 'SIGTERM');
        return signal?.aborted ? 130 : 0;
      };
      const commands = { runLab: work, train: work, sweep: (_: string, options: SweepOptions) => work(options) };
      expect(await run(`${line} --stop-after 1s`, commands)).toBe(75);
      expect(errors).toContain('The time of --stop-after is over. Stopping after the step under way and saving.');
    }
    expect(exit).not.toHaveBeenCalled();
  });

  it('does not stop work that ends in its time', async () => {
    expect(await run('lab --stop-after 2h', { runLab: async () => 0 })).toBe(0);
    expect(errors).toBe('');
  });

  it('has work whose reader has left save, without a word', async () => {
    const runLab = async ({ signal }: LabOptions) => {
      expect(stopUnread()).toBe(true);
      return signal?.aborted ? 130 : 0;
    };
    expect(await run('lab', { runLab })).toBe(141);
    expect(errors).toBe('');
    expect(stopUnread()).toBe(false);
  });

  it("returns the lab's exit code and leaves no listeners behind", async () => {
    const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = listeners();
    const runLab = async ({ signal }: LabOptions) => {
      process.emit('SIGINT', 'SIGINT');
      // The same key press, passed on by a launcher.
      process.emit('SIGINT', 'SIGINT');
      return signal?.aborted ? 130 : 0;
    };
    expect(await run('lab', { runLab })).toBe(130);
    expect(errors.match(/Stopping/g)).toHaveLength(1);
    expect(listeners()).toEqual(before);
  });

  it('ends at once at a second Ctrl-C', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
    const runLab = async () => {
      process.emit('SIGINT', 'SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 400));
      process.emit('SIGINT', 'SIGINT');
      return 0;
    };
    await run('lab', { runLab });
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });
});
