import { main } from './command_line.ts';

process.exitCode = await main(process.argv.slice(2));
