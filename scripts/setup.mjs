// Makes a fresh clone ready to run: npm packages, and on Linux a Vulkan driver. npm runs it before `lab`, `test`, `check` and, with
// --packages-only, before `doctor`. It uses nothing but Node.js, and is silent when there is nothing to do.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from './setup/node_version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} line */
const say = (line) => console.log(`setup: ${line}`);

/**
 * @param {string[]} args
 * @returns {Promise<string | null>} what stops the set-up and what to do, or null
 */
async function setUp(args) {
  const unknown = args.find((arg) => arg !== '--packages-only');
  if (unknown !== undefined) return `unknown option ${unknown}: the only one is --packages-only.`;
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const problem = nodeVersionProblem(process.versions.node, engines.node);
  if (problem !== null) return problem;

  // Loaded only now: an older Node.js could not even read the rest, and the sentence above would be lost.
  const { installPackages } = await import('./setup/packages.mjs');
  const packagesProblem = installPackages(root, say);
  if (packagesProblem !== null) return packagesProblem;
  if (args.includes('--packages-only') || process.platform !== 'linux') return null;

  const { ensureAdapter } = await import('./setup/driver.mjs');
  return ensureAdapter(say);
}

const problem = await setUp(process.argv.slice(2));
if (problem !== null) {
  console.error(`setup: ${problem}`);
  process.exitCode = 1;
}
