import { Command, CommanderError } from 'commander';
import { DeviceError, OutOfMemoryError } from '../kernels/errors.ts';
import { addDoctorCommand } from './commands/doctor_command.ts';
import { addEvaluateCommand } from './commands/evaluate_command.ts';
import { addLabCommand } from './commands/lab_command.ts';
import { addModelsCommand } from './commands/models_command.ts';
import { addTrainCommand } from './commands/train_command.ts';
import { doctor } from './doctor/doctor.ts';
import { type EvaluateOptions, evaluateWeights } from './evaluate_weights.ts';
import { DONE, FAILED, USAGE } from './exit_codes.ts';
import { listModels } from './list_models.ts';
import { type LabOptions, runLab } from './run_lab.ts';
import { type TrainOptions, trainModel } from './train_model.ts';
import { UserError } from './user_error.ts';

/** What the commands do; tests give their own. */
export interface Commands {
  train: (options: TrainOptions) => Promise<number>;
  runLab: (options: LabOptions) => Promise<number>;
  evaluate: (options: EvaluateOptions) => Promise<number>;
  models: typeof listModels;
  doctor: typeof doctor;
}

const COMMANDS: Commands = { train: trainModel, runLab, evaluate: evaluateWeights, models: listModels, doctor };

function buildProgram(commands: Commands, finish: (exitCode: number) => void): Command {
  const program = new Command('wgrad')
    .description('Trains convolutional networks on imbalanced images, on the GPU, through hand-written WebGPU kernels.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wgrad: ')) });
  addTrainCommand(program, commands.train, finish);
  addLabCommand(program, commands.runLab, finish);
  addEvaluateCommand(program, commands.evaluate, finish);
  addModelsCommand(program, commands.models, finish);
  addDoctorCommand(program, commands.doctor, finish);
  return program;
}

/** Runs the command line. Returns the exit code: 2 for a mistake of the user's, 1 for a failure, 130 for a stop. */
export async function main(args: readonly string[], commands: Commands = COMMANDS): Promise<number> {
  let exitCode = DONE;
  const program = buildProgram(commands, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // commander has printed its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : USAGE;
    if (error instanceof UserError) {
      console.error(`wgrad: ${error.message}`);
      return USAGE;
    }
    if (error instanceof DeviceError || error instanceof OutOfMemoryError) {
      console.error(`wgrad: ${error.message}`);
      return FAILED;
    }
    throw error;
  }
  return exitCode;
}
