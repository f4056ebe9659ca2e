import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Arguments of Node.js that run a program of the project. beside: the URL of the module that asks.
 *
 * @param name path from that module, without an extension: the program has that module's, before and after the build
 */
export function ownProgram(name: string, beside: string): string[] {
  const extension = extname(beside);
  // The sources run through tsx, the published build as it is.
  const loader = extension === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];
  return [...loader, fileURLToPath(new URL(`${name}${extension}`, beside))];
}
