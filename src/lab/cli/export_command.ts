import { type Command, Option } from 'commander';
import { MODEL_NAMES } from '../../nn/models/index.ts';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { ExportOptions } from '../commands/export.ts';
import { fieldOption } from './field_option.ts';
import { ADAPTER_HELP, numbers, whole } from './option_values.ts';

/** `wgrad export`. finish: told the exit code of `run`. */
export function addExportCommand(
  program: Command,
  run: (options: ExportOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  program
    .command('export')
    .description('writes a network with weights from a file for other systems to run, as ONNX')
    .requiredOption('--weights <file>', 'safetensors, .pth, .pt or .th, or a checkpoint of a run')
    .requiredOption('--onnx <file>', 'file to write')
    .addOption(
      new Option('--model <name>', 'network that the weights are of (default: as the file records)').choices(
        MODEL_NAMES,
      ),
    )
    .addOption(fieldOption(RECIPE_FIELDS.width, 'as the file records, else 1'))
    .option(
      '--mean <numbers>',
      'of each channel: the file takes pixels from 0 to 1 and normalises by them (default: as the weights record, else it takes normalised images)',
      numbers('from 0 to 1', (value) => value >= 0 && value <= 1),
    )
    .option(
      '--std <numbers>',
      'of each channel, to normalise by (default: as the weights record)',
      numbers('above 0', (value) => value > 0),
    )
    .option(
      '--class-names <names>',
      'with commas between them (default: of the data set that the weights record)',
      (text) => text.split(','),
    )
    .option('--image-size <pixels>', "height and width of the images (default: the network's own)", whole(1))
    .option('--softmax', 'end in probabilities, not in logits')
    .option('--adapter <text>', ADAPTER_HELP)
    .action(async (options) => finish(await run(options)));
}
