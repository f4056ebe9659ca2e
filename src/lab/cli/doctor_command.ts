import type { Command } from 'commander';
import type { doctor } from '../doctor/doctor.ts';

/** `wgrad doctor`. finish: told the exit code of `run`. */
export function addDoctorCommand(program: Command, run: typeof doctor, finish: (exitCode: number) => void): void {
  program
    .command('doctor')
    .description('says what the machine offers, what is missing and what to do about it')
    .option('--json', 'print one JSON object')
    .option('--data-dir <folder>', 'folder to look for data in first')
    .option('--out <folder>', 'where runs are to be written', 'runs')
    .option('--tune', 'first measure which version of each kernel is the fastest on the adapter, and keep the answer')
    .action(async (options) => finish(await run(options)));
}
