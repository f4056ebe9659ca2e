// First: what fails from here on ends in a sentence.

import { DONE } from '../run/exit_codes.ts';
import { endOnFaults } from './faults.ts';
import { stopUnread } from './interruption.ts';

const args = process.argv.slice(2);
endOnFaults(args);
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The terminal was closed: the signal that says so comes by itself.
    if (error.code === 'EIO') return;
    if (error.code !== 'EPIPE') throw error;
    // Whoever reads the output, such as head, has had enough.
    if (!stopUnread()) process.exit(DONE);
  });
}
const { main } = await import('./command_line.ts');
process.exitCode = await main(args);
