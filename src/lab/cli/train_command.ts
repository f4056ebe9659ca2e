import { type Command, Option } from 'commander';
import { AUGMENTATION_NAMES } from '../../data/augmentation/index.ts';
import { DATASET_NAMES } from '../../data/image_dataset.ts';
import { STREAMS_PER_USE } from '../../data/random_streams.ts';
import { SAMPLER_NAMES } from '../../data/samplers/index.ts';
import { LOSS_NAMES } from '../../nn/losses/index.ts';
import { MODEL_NAMES } from '../../nn/models/index.ts';
import { OPTIMIZER_NAMES } from '../../nn/optimizers/index.ts';
import { SCHEDULE_NAMES } from '../../nn/schedules/index.ts';
import type { TrainOptions } from '../commands/train.ts';
import { SAVING, untilInterrupted } from './interruption.ts';
import { ADAPTER_HELP, DATA_DIR_HELP, number, ratio, rungOption, whole, width } from './option_values.ts';

/** An option whose value is one of a registry's names, in the order in which they are listed there. */
function oneOf(flags: string, text: string, names: readonly string[], usual: string): Option {
  return new Option(flags, text).choices(names).default(usual);
}

const probability = number('from 0 to 1', (p) => p >= 0 && p <= 1);
const notNegative = number('of at least 0', (value) => value >= 0);

/** `wgrad train`. finish: told the exit code of `run`. */
export function addTrainCommand(
  program: Command,
  run: (options: TrainOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const train = program
    .command('train')
    .description('trains one network, tests it, and writes results, weights and figures into a folder of their own');
  const settings = [
    oneOf('--model <name>', 'network', MODEL_NAMES, 'custom-cnn'),
    new Option('--width <factor>', 'channels of the network, relative to its own').argParser(width).default(1),
    new Option('--dropout <p>', 'probability of dropout, where the network has any')
      .argParser(probability)
      .default(0.5),
    new Option('--stochastic-depth <p>', 'probability of leaving a block out, where the network does so')
      .argParser(probability)
      .default(0.2),
    oneOf('--loss <name>', 'what is made small', LOSS_NAMES, 'ce'),
    oneOf('--optimizer <name>', 'how weights are updated', OPTIMIZER_NAMES, 'adam'),
    new Option('--lr <step>', 'step size (default: 0.01 for sgd, else 0.001)').argParser(notNegative),
    new Option('--weight-decay <factor>', 'decoupled for adamw, else an L2 penalty')
      .argParser(notNegative)
      .default(1e-4),
    new Option('--clip-norm <norm>', 'scale gradients down to this norm (default: never)').argParser(
      number('above 0', (norm) => norm > 0),
    ),
    oneOf('--schedule <name>', 'how the step size changes', SCHEDULE_NAMES, 'constant'),
    oneOf('--sampler <name>', 'which images an epoch sees', SAMPLER_NAMES, 'none'),
    oneOf('--augmentation <name>', 'how images are changed at random', AUGMENTATION_NAMES, 'lab'),
    new Option('--data <name>', 'data set (default: cifar10; mnist where that cannot be had)').choices(DATASET_NAMES),
    new Option('--imbalance <ratio>', 'largest class over smallest').argParser(ratio).default(1),
    new Option('--max-per-class <n>', 'training images of the largest class (default: all)').argParser(whole(1)),
    new Option('--test-per-class <n>', 'test images of each class (default: all)').argParser(whole(1)),
    new Option('--epochs <n>', 'passes over the training images').argParser(whole(1, STREAMS_PER_USE)).default(10),
    new Option('--batch-size <n>', 'images in a training step').argParser(whole(1)).default(128),
    new Option('--seed <n>', 'seed of everything random').argParser(whole(0)).default(42),
    new Option('--out <folder>', "where the training's folder is made").default('runs'),
    rungOption('as measured on the adapter'),
  ];
  for (const option of settings) train.addOption(option);
  train
    .addOption(
      new Option('--resume <folder>', 'go on with a training that was stopped, as it was begun').conflicts(
        settings.map((option) => option.attributeName()),
      ),
    )
    .option('--data-dir <folder>', DATA_DIR_HELP)
    .option('--adapter <text>', ADAPTER_HELP)
    .option('--profile', 'time every kernel: a table at the end, profile.json and trace.json in the folder')
    .option('--json', 'print one JSON object at the end and nothing else')
    .action(async (options) => finish(await untilInterrupted((signal) => run({ ...options, signal }), SAVING)));
}
