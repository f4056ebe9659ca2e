import { DRIVER_PACKAGE } from './linux.mjs';

/**
 * One thing to do as root: write a file, or run a command.
 *
 * @typedef {{ say: string, file: { path: string, text: string } }} WriteStep
 * @typedef {{ say: string, command: string[], mayFail?: boolean }} CommandStep
 * @typedef {WriteStep | CommandStep} Step
 */

/** Where the entry for the backports suite goes. */
export const BACKPORTS_FILE = '/etc/apt/sources.list.d/wgrad-backports.sources';

/**
 * Lists the steps that install the driver. Reading the lists may fail for a source that has nothing to do with the driver, so
 * only the installation decides.
 *
 * @param {{ codename: string, entry: string | null } | null} backports null where the system's own package will do; `entry` is the
 *   sources entry to add, null where the machine has the suite already
 * @returns {Step[]}
 */
export function aptSteps(backports) {
  /** @type {Step[]} */
  const steps = [];
  if (backports?.entry) {
    steps.push({
      say: `Adding the suite ${backports.codename}-backports of this machine's own mirror to apt (${BACKPORTS_FILE}).`,
      file: { path: BACKPORTS_FILE, text: backports.entry },
    });
  }
  steps.push({ say: 'Reading the package lists with apt-get update.', command: ['apt-get', 'update'], mayFail: true });
  const suite = backports ? ['-t', `${backports.codename}-backports`] : [];
  steps.push({
    say: `Installing ${DRIVER_PACKAGE}${backports ? ` from ${backports.codename}-backports` : ''} with apt-get: about 55 MB to fetch.`,
    command: ['apt-get', 'install', '--yes', '--no-install-recommends', ...suite, DRIVER_PACKAGE],
  });
  return steps;
}

/**
 * Writes the steps as commands to type in a shell.
 *
 * @param {Step[]} steps
 * @param {boolean} withSudo whether to put sudo before them; else they are for a shell of root's
 * @returns {string[]} one line for each step
 */
export function manualCommands(steps, withSudo) {
  const sudo = withSudo ? 'sudo ' : '';
  return steps.map((step) => {
    if ('command' in step) return sudo + step.command.map(quote).join(' ');
    const lines = step.file.text.trimEnd().split('\n').map(quote).join(' ');
    return `printf '%s\\n' ${lines} | ${sudo}tee ${quote(step.file.path)}`;
  });
}

/**
 * Quotes a word for a POSIX shell where it needs it.
 * @param {string} word
 */
function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Picks from apt's output the lines that say what went wrong, errors before warnings.
 *
 * @param {string} output
 * @returns {string[]} at most four
 */
export function aptComplaints(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => line.startsWith('E: '));
  const warnings = lines.filter((line) => line.startsWith('W: '));
  return [...new Set([...errors, ...warnings])].slice(0, 4);
}
