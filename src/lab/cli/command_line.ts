import { Command, CommanderError } from 'commander';
import { ADAPTER_INDEX } from '../../node/adapter_list.ts';
import { UserError } from '../../runtime/errors.ts';
import { runBenchmark } from '../commands/benchmark.ts';
import { runCompare } from '../commands/compare.ts';
import { type DiagnoseOptions, runDiagnose } from '../commands/diagnose.ts';
import { type EvaluateOptions, runEvaluate } from '../commands/evaluate.ts';
import { type ExportOptions, runExport } from '../commands/export.ts';
import { runGradchecks } from '../commands/gradcheck.ts';
import { type InspectOptions, runInspect } from '../commands/inspect.ts';
import { type LabJobsOptions, runLabJobs } from '../commands/lab_jobs.ts';
import { runLadderCommand } from '../commands/ladder.ts';
import { type LearnOptions, runLearn } from '../commands/learn.ts';
import { runMerge } from '../commands/merge.ts';
import { runModels } from '../commands/models.ts';
import { runPredict } from '../commands/predict.ts';
import { runSweep } from '../commands/sweep.ts';
import { runTrain, type TrainOptions } from '../commands/train.ts';
import { runVerify } from '../commands/verify.ts';
import { doctor } from '../doctor/doctor.ts';
import { DONE, USAGE } from '../run/exit_codes.ts';
import { addBenchmarkCommand } from './benchmark_command.ts';
import { addCompareCommand } from './compare_command.ts';
import { addDiagnoseCommand } from './diagnose_command.ts';
import { addDoctorCommand } from './doctor_command.ts';
import { addEvaluateCommand } from './evaluate_command.ts';
import { addExportCommand } from './export_command.ts';
import { DEBUG, reportFault } from './faults.ts';
import { addGradcheckCommand } from './gradcheck_command.ts';
import { addInspectCommand } from './inspect_command.ts';
import { addLabCommand } from './lab_command.ts';
import { addLadderCommand } from './ladder_command.ts';
import { addLearnCommand } from './learn_command.ts';
import { addModelsCommand } from './models_command.ts';
import { adapterIndexOption } from './option_values.ts';
import { addPredictCommand } from './predict_command.ts';
import { addMergeCommand, addSweepCommand } from './sweep_command.ts';
import { addTrainCommand } from './train_command.ts';
import { addVerifyCommand } from './verify_command.ts';

/** What the commands do; tests give their own. */
export interface Commands {
  train: (options: TrainOptions) => Promise<number>;
  diagnose: (options: DiagnoseOptions) => Promise<number>;
  runLab: (options: LabJobsOptions) => Promise<number>;
  evaluate: (options: EvaluateOptions) => Promise<number>;
  predict: typeof runPredict;
  exportNetwork: (options: ExportOptions) => Promise<number>;
  inspect: (options: InspectOptions) => Promise<number>;
  compare: typeof runCompare;
  sweep: typeof runSweep;
  merge: typeof runMerge;
  models: typeof runModels;
  gradcheck: typeof runGradchecks;
  ladder: typeof runLadderCommand;
  learn: (options: LearnOptions) => Promise<number>;
  doctor: typeof doctor;
  verify: typeof runVerify;
  benchmark: typeof runBenchmark;
}

/** All commands. */
export const COMMANDS: Commands = {
  train: runTrain,
  diagnose: runDiagnose,
  runLab: runLabJobs,
  evaluate: runEvaluate,
  predict: runPredict,
  exportNetwork: runExport,
  inspect: runInspect,
  compare: runCompare,
  sweep: runSweep,
  merge: runMerge,
  models: runModels,
  gradcheck: runGradchecks,
  ladder: runLadderCommand,
  learn: runLearn,
  doctor,
  verify: runVerify,
  benchmark: runBenchmark,
};

function buildProgram(commands: Commands, finish: (exitCode: number) => void): Command {
  const program = new Command('wgrad')
    .description('Trains convolutional networks on imbalanced images, on the GPU, through hand-written WebGPU kernels.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wgrad: ')) });
  addTrainCommand(program, commands.train, finish);
  addDiagnoseCommand(program, commands.diagnose, finish);
  addLabCommand(program, commands.runLab, finish);
  addEvaluateCommand(program, commands.evaluate, finish);
  addPredictCommand(program, commands.predict, finish);
  addExportCommand(program, commands.exportNetwork, finish);
  addInspectCommand(program, commands.inspect, finish);
  addCompareCommand(program, commands.compare, finish);
  addSweepCommand(program, commands.sweep, finish);
  addMergeCommand(program, commands.merge, finish);
  addModelsCommand(program, commands.models, finish);
  addGradcheckCommand(program, commands.gradcheck, finish);
  addLadderCommand(program, commands.ladder, finish);
  addLearnCommand(program, commands.learn, finish);
  addDoctorCommand(program, commands.doctor, finish);
  addVerifyCommand(program, commands.verify, finish);
  addBenchmarkCommand(program, commands.benchmark, finish);
  addEverywhere(program);
  return program.hook('preAction', (_program, command) => {
    const { adapterIndex, ...options } = command.opts();
    refuseEmpty(options);
    // Heard by whatever opens a device, and by the processes that this one starts.
    if (adapterIndex !== undefined) process.env[ADAPTER_INDEX] = `${adapterIndex}`;
  });
}

/** Gives every command below one the option to show where it failed, and each that takes an adapter that to take it by its index. */
function addEverywhere(command: Command): void {
  for (const below of command.commands) {
    if (below.options.some(({ long }) => long === '--adapter')) below.addOption(adapterIndexOption());
    below.option(DEBUG, 'where it fails, show the place in the program');
    addEverywhere(below);
  }
}

/** Throws UserError for an option that was given an empty text, as by a variable of the shell that is not set. */
function refuseEmpty(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== '') continue;
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UserError(`--${flag} was given an empty text; give it a value, or leave it out.`);
  }
}

/** Runs the command line. Whatever is thrown ends in one sentence. Returns the exit code, see `exit_codes.ts`. */
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
    return reportFault(error, args);
  }
  return exitCode;
}
