import { DONE } from '../run/exit_codes.ts';
import { main } from './command_line.ts';

// Whoever reads the output, such as head, may have had enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(DONE);
    throw error;
  });
}
process.exitCode = await main(process.argv.slice(2));
