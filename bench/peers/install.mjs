// Installs the packages of the peers, which the project itself does not need.
import { fileURLToPath } from 'node:url';
import { installPackages } from '../../scripts/setup/packages.mjs';

const problem = installPackages(fileURLToPath(new URL('.', import.meta.url)), (line) => console.error(line));
if (problem !== null) {
  console.error(problem);
  process.exitCode = 1;
}
