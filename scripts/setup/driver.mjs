import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askForAdapter } from './adapter.mjs';
import { backportsEntry, findMirror, parseSources, parseStanzas } from './apt_sources.mjs';
import { aptComplaints, aptSteps, BACKPORTS_FILE, manualCommands } from './apt_steps.mjs';
import { chooseDriverPlan, DRIVER_PACKAGE, parseOsRelease } from './linux.mjs';
import { findRights, isProgram, removeAsRoot, runAsRoot, writeAsRoot } from './root.mjs';

/**
 * Sees to it that Dawn finds a Vulkan adapter on Linux, and installs Mesa's software driver where it finds none.
 *
 * @param {(line: string) => void} say
 * @returns {string | null} what stops the set-up and what to do, or null when an adapter is there
 */
export function ensureAdapter(say) {
  const before = askForAdapter();
  if (before.kind === 'found') return null;
  if (before.kind === 'failed') return before.problem;

  // These name the only drivers that are looked at, so one more installed would not be seen.
  const chosen = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => process.env[name]);
  if (chosen !== undefined) {
    return `Dawn finds no Vulkan adapter among the drivers that ${chosen} names (${process.env[chosen]}): unset it or name another, then run the same command again.`;
  }

  const plan = chooseDriverPlan(readOsRelease(), isProgram('apt-get'));
  if (plan.kind === 'impossible') return `No Vulkan adapter was found. ${plan.message}`;
  const rights = findRights();
  const backports = plan.kind === 'backports' ? findBackports(plan.codename) : null;
  if (typeof backports === 'string') return backports;
  const steps = aptSteps(backports);

  if (rights === 'no') {
    const withSudo = isProgram('sudo');
    return [
      'No Vulkan adapter was found, and installing the software driver needs root.',
      `${withSudo ? 'Type these commands' : 'Become root, type these commands'}, then run the same command again:`,
      '',
      ...manualCommands(steps, withSudo).map((command) => `  ${command}`),
      '',
    ].join('\n');
  }

  say("No Vulkan adapter was found: installing Mesa's software driver, which runs WebGPU on the processor.");
  const problem = carryOut(steps, rights, say);
  if (problem !== null) return problem;

  const after = askForAdapter();
  if (after.kind === 'failed') return after.problem;
  if (after.kind === 'none') {
    return `${DRIVER_PACKAGE} is installed, but Dawn still finds no Vulkan adapter: run \`npm run doctor\` to see what Dawn says.`;
  }
  say(`Vulkan adapter: ${after.name}.`);
  return null;
}

/**
 * @param {string} codename
 * @returns {{ codename: string, entry: string | null } | string} a string says what stops the set-up
 */
function findBackports(codename) {
  const { hasBackports, mirror } = findMirror(readIndexTargets(), readSources(), codename);
  if (hasBackports) return { codename, entry: null };
  if (mirror === null) {
    return `No Vulkan adapter was found, and apt's configuration names no mirror of Debian ${codename} to take the software driver from: add one to /etc/apt/sources.list, then run the same command again.`;
  }
  return { codename, entry: backportsEntry(codename, mirror) };
}

/**
 * @param {import('./apt_steps.mjs').Step[]} steps
 * @param {'root' | 'sudo'} rights
 * @param {(line: string) => void} say
 * @returns {string | null} what failed
 */
function carryOut(steps, rights, say) {
  /** @type {string[]} */
  const complaints = [];
  let entryWritten = false;
  for (const step of steps) {
    say(step.say);
    const result =
      'file' in step ? writeAsRoot(step.file.path, step.file.text, rights) : runAsRoot(step.command, rights);
    if (result.status === 0) {
      entryWritten ||= 'file' in step;
      if ('command' in step) complaints.push(...aptComplaints(result.output));
      continue;
    }
    complaints.unshift(...aptComplaints(result.output));
    if ('command' in step && step.mayFail) continue;
    // A machine on which the installation failed is left as it was found.
    if (entryWritten) removeAsRoot(BACKPORTS_FILE, rights);
    const what = 'file' in step ? `Writing ${step.file.path}` : `\`${step.command.join(' ')}\``;
    const why = [...new Set(complaints)].slice(0, 6).map((line) => `  ${line}`);
    return [
      `${what} failed (exit code ${result.status})${why.length > 0 ? ':' : '.'}`,
      ...(why.length > 0 ? why : [`  ${result.output.trim().split('\n').at(-1) ?? ''}`]),
      'See that the machine reaches its package mirror and that no other apt is running, then run the same command again.',
    ].join('\n');
  }
  return null;
}

function readIndexTargets() {
  return parseStanzas(outputOf('apt-get', ['indextargets']));
}

/** Reads all of apt's source files, from where apt's configuration says they are. */
function readSources() {
  const shell = outputOf('apt-config', ['shell', 'LIST', 'Dir::Etc::sourcelist/f', 'PARTS', 'Dir::Etc::sourceparts/d']);
  const list = /^LIST='(.*)'$/m.exec(shell)?.[1] ?? '/etc/apt/sources.list';
  const parts = /^PARTS='(.*)'$/m.exec(shell)?.[1] ?? '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : [];
  const files = [list, ...names.sort().map((name) => join(parts, name))];
  return files.flatMap((file) => parseSources(file, readText(file)));
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function outputOf(program, args) {
  return spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } }).stdout ?? '';
}

function readOsRelease() {
  return parseOsRelease(readText('/etc/os-release') || readText('/usr/lib/os-release'));
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
