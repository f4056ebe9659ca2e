import type { Command } from 'commander';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';
import type { ExportOptions } from '../commands/export.ts';
import { fieldOption } from './field_option.ts';
import { ADAPTER_HELP, classesOption, modelOption, normalisationOptions, whole } from './option_values.ts';

/** `wgrad export`. finish: told the exit code of `run`. */
export function addExportCommand(
  program: Command,
  run: (options: ExportOptions) => Promise<number>,
  finish: (exitCode: number) => void,
): void {
  const command = program
    .command('export')
    .description('writes a network with weights from a file for other systems to run, as ONNX')
    .requiredOption('--weights <file>', 'safetensors, .pth, .pt or .th, or a checkpoint of a run')
    .requiredOption('--onnx <file>', 'file to write')
    .addOption(modelOption())
    .addOption(fieldOption(RECIPE_FIELDS.width, 'as the file records, else 1'))
    .addOption(classesOption('as the file records, else those of the data set that it records'))
    .option('--image-size <pixels>', "height and width of the images (default: the network's own)", whole(1))
    .option('--softmax', 'end in probabilities, not in logits')
    .option('--adapter <text>', ADAPTER_HELP)
    .action(async (options) => finish(await run(options)));
  const usual = 'as the weights record; with them the file takes pixels from 0 to 1, without them normalised ones';
  for (const option of normalisationOptions(usual)) command.addOption(option);
}
