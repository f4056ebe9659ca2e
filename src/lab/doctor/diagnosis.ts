import { describeRungs } from '../run/rung_cache.ts';
import { shortened } from '../run/verification.ts';
import type { AdapterFact, DatasetFact, DiskFact, Facts, Finding, KernelsFact, VersionFacts } from './facts.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** A run of all experiments with its checkpoints stays below this; below the lower bound even a short one may not fit. */
const RUNS_BYTES = { comfortable: GIB, least: 100 * MIB };
/** The archive of CIFAR-10 (170 MB) and its files unpacked (185 MB) lie side by side while it is unpacked. */
const CACHE_BYTES = 400 * MIB;

/** Judges what was found, item by item; the order is that of the report. */
export function judge(facts: Facts): Finding[] {
  return [
    judgeNode(facts.versions),
    ...judgeAdapters(facts),
    ...(facts.kernels === null ? [] : [describeKernels(facts.kernels), judgeVerification(facts)]),
    ...(facts.dataFolderProblem === null
      ? []
      : [{ item: 'data folder', level: 'error', message: facts.dataFolderProblem } satisfies Finding]),
    ...facts.datasets.map((dataset) => judgeDataset(dataset, facts.dataFolderProblem)),
    ...facts.disk.map(judgeDisk),
  ];
}

function judgeNode({ node, nodeWanted }: VersionFacts): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = nodeWanted
    .replace(/^>=\s*/, '')
    .split('.')
    .map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) {
    return { item: 'node', level: 'ok', message: `Node.js ${node}.` };
  }
  const message = `Node.js ${node} is too old: wgrad needs ${nodeWanted}.`;
  return { item: 'node', level: 'error', message, advice: 'Install a newer Node.js.' };
}

function judgeAdapters({ versions, survey, driverFiles }: Facts): Finding[] {
  if (versions.webgpu === null) {
    const message = 'The npm package webgpu, which brings Dawn, is not installed.';
    return [{ item: 'webgpu', level: 'error', message, advice: 'Run `npm ci`.' }];
  }
  if (survey.problem !== null) {
    const loadable = !survey.problem.startsWith('the npm package webgpu failed');
    const item = loadable ? 'adapter' : 'webgpu';
    const message = `No adapter could be looked for: ${survey.problem}.`;
    const advice = loadable
      ? 'Name another driver in VK_DRIVER_FILES, or remove the one that fails.'
      : 'Run `npm ci`; if that does not help, this system or its C++ library is too old for the package (it wants glibc 2.34 and libstdc++ of GCC 12, as in Debian 12 and Ubuntu 24.04).';
    return [{ item, level: 'error', message, advice }];
  }

  const webgpu: Finding = { item: 'webgpu', level: 'ok', message: `The npm package webgpu ${versions.webgpu} loads.` };
  const adapter = survey.adapters.find(({ chosen }) => chosen);
  if (!adapter) return [webgpu, noAdapter(driverFiles)];
  if (adapter.problem !== null) {
    const message = `${adapter.description} opens no device: ${adapter.problem}.`;
    return [webgpu, { item: 'adapter', level: 'error', message, advice: "Update the adapter's driver." }];
  }
  return [webgpu, judgeChosen(adapter), judgeSubgroups(adapter)];
}

function noAdapter(driverFiles: string[]): Finding {
  const message =
    driverFiles.length === 0
      ? 'There is no adapter, because no graphics driver is installed.'
      : `There is no adapter: Dawn accepts none of the drivers that are installed (${driverFiles.join(', ')}).`;
  const named = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => process.env[name]);
  const linux = named
    ? `Unset ${named}, or name another driver in it.`
    : "Run `npm run lab` or `npm test` in a clone of the project, which install Mesa's software driver or print the commands that do; elsewhere install mesa-vulkan-drivers, version 25 or newer (on Debian 12 from bookworm-backports), or the driver of your graphics card.";
  const advice = process.platform === 'linux' ? linux : 'Update the driver of your graphics card, or the system.';
  return { item: 'adapter', level: 'error', message, advice };
}

function judgeChosen({ description, software }: AdapterFact): Finding {
  if (!software) return { item: 'adapter', level: 'ok', message: `The lab runs on ${description}.` };
  const message = `The lab runs on ${description}, a software driver, which computes on the processor.`;
  return {
    item: 'adapter',
    level: 'note',
    message,
    advice: 'A graphics card is many times faster; nothing else changes.',
  };
}

function judgeSubgroups({ subgroupSizes, description }: AdapterFact): Finding {
  if (subgroupSizes) {
    return { item: 'subgroups', level: 'ok', message: `Subgroups of ${formatRange(subgroupSizes)} lanes are there.` };
  }
  const message = `${description} has no subgroups, so slower kernels are used.`;
  return { item: 'subgroups', level: 'warning', message, advice: 'A newer driver may have them.' };
}

function describeKernels({ source, rungs }: KernelsFact): Finding {
  const from =
    source === 'measured' ? 'as measured on this adapter' : 'by the kind of adapter; `doctor --tune` measures';
  return { item: 'kernels', level: 'ok', message: `The version taken is ${describeRungs(rungs)} (${from}).` };
}

function judgeVerification({ verification, versions }: Facts): Finding {
  const item = 'verified';
  if (verification === null) {
    const message = 'Whether this adapter computes rightly was never looked at.';
    return { item, level: 'note', message, advice: 'Run `npx wgrad verify`, a few minutes, or `--quick`, under one.' };
  }
  const { wgrad, at, quick, passed, wrong } = verification;
  const how = `${quick ? 'at a quick look ' : ''}on ${at.slice(0, 10)} by wgrad ${wgrad}`;
  if (!passed) {
    const message = `Computed wrongly ${how}, and avoided: ${shortened(wrong)}.`;
    return {
      item,
      level: 'warning',
      message,
      advice: "Update the adapter's driver, then run `npx wgrad verify` again.",
    };
  }
  if (wgrad !== versions.wgrad) {
    const message = `Found to compute rightly ${how}, not by this version.`;
    return { item, level: 'note', message, advice: 'Run `npx wgrad verify` again.' };
  }
  return { item, level: 'ok', message: `Found to compute rightly ${how}.` };
}

function judgeDataset(
  { name, found, damaged, where, problem }: DatasetFact,
  dataFolderProblem: string | null,
): Finding {
  if (found) return { item: name, level: 'ok', message: `Found: ${where}.` };
  if (problem !== null && problem === dataFolderProblem) {
    return { item: name, level: 'note', message: 'Not looked for, because the data folder is not there.' };
  }
  const message = sentence(problem ?? `not in ${where}`);
  // mnist comes with the program, and without it nothing is left to fall back on.
  if (name === 'mnist') return { item: name, level: 'error', message };
  if (damaged) {
    // The lab uses what it finds and goes on with nothing else in its place, so damaged files of the default dataset stop it.
    const level = name === 'cifar10' ? 'error' : 'warning';
    return { item: name, level, message, advice: `Mend or remove the files in ${where}.` };
  }
  return { item: name, level: 'note', message };
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1).replace(/\.$/, '')}.`;
}

function judgeDisk({ purpose, path, freeBytes, writable }: DiskFact): Finding {
  const item = `disk: ${purpose}`;
  const use =
    purpose === 'runs'
      ? 'Name another folder with --out.'
      : 'Name another folder with XDG_CACHE_HOME, or give data with --data-dir.';
  if (!writable) {
    return {
      item,
      level: purpose === 'runs' ? 'error' : 'warning',
      message: `${path} cannot be written to.`,
      advice: use,
    };
  }
  if (freeBytes === null) return { item, level: 'note', message: `How much is free for ${path} is not known.` };
  const message = `${formatBytes(freeBytes)} are free for ${path}.`;
  const enough = purpose === 'runs' ? RUNS_BYTES.comfortable : CACHE_BYTES;
  if (freeBytes >= enough) return { item, level: 'ok', message };
  const level = purpose === 'runs' && freeBytes < RUNS_BYTES.least ? 'error' : 'warning';
  return { item, level, message, advice: `Make room: ${formatBytes(enough)} are comfortable. ${use}` };
}

/** A range of counts, as one number where both ends are the same. */
export function formatRange([least, most]: readonly [number, number]): string {
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** Bytes in the largest binary unit that keeps the number at or above one. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}
