import { runBroken } from '../../inspect/gradcheck/break_rule.ts';
import { BROKEN_RULES, type BrokenRule } from '../../inspect/gradcheck/broken_rules.ts';
import { GRADCHECK_CASES, namedCase } from '../../inspect/gradcheck/cases.ts';
import { type CheckedCase, type GradcheckCase, runGradcheck } from '../../inspect/gradcheck/gradcheck_case.ts';
import { openDevice, readShader } from '../../node.ts';
import { DeviceError, OutOfMemoryError, UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { RungName } from '../../runtime/rungs.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { ownGradchecks } from '../run/own_gradchecks.ts';
import { formatTable } from '../terminal/text_table.ts';

export interface GradcheckCommandOptions {
  /** Check all named cases. */
  all?: boolean;
  /** Name of a broken rule to put in the place of the right one, or 'list'. */
  break?: string;
  json?: boolean;
  adapter?: string;
  rung?: RungName;
}

/** What came of one case. */
type Outcome = CheckedCase | { name: string; passed: false; failure: string };

const FILE = /\.[cm]?[jt]s$/;

async function chosenCases(names: readonly string[], all: boolean): Promise<GradcheckCase[]> {
  if (all && names.length > 0) throw new UserError('--all checks everything there is; leave the names out.');
  if (all) return Object.values(GRADCHECK_CASES).flat();
  const lists = await Promise.all(
    names.map(async (name) => {
      if (FILE.test(name)) return ownGradchecks(name);
      const found = namedCase(name);
      if (found) return [found];
      throw new UserError(
        `There is no check '${name}'; 'npx wgrad gradcheck' lists them, and a file ends in .js or .ts.`,
      );
    }),
  );
  return lists.flat();
}

function chosenBreak(name: string, names: readonly string[], all: boolean): BrokenRule {
  const broken = BROKEN_RULES.find((one) => one.name === name);
  if (broken === undefined) {
    const known = BROKEN_RULES.map((one) => one.name).join(', ');
    throw new UserError(`There is no broken rule '${name}'; there are: ${known}.`);
  }
  if (all || names.some((given) => given !== broken.case)) {
    throw new UserError(`--break ${name} is found by the check '${broken.case}'; leave other names and --all out.`);
  }
  return broken;
}

/** An operation that fails is told like a rule that is wrong; a device that fails ends the command. */
async function outcomeOf(name: string, check: Promise<CheckedCase>): Promise<Outcome> {
  try {
    return await check;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DeviceError || error instanceof OutOfMemoryError) throw error;
    return { name, passed: false, failure: error.message };
  }
}

/** Four digits, of values that may be tiny or no number at all. */
function digits(value: number | undefined): string {
  if (value === undefined) return '–';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : `${Number(value.toPrecision(4))}`;
}

function describe(outcome: Outcome): string {
  if ('failure' in outcome) return `${outcome.name}: failed: ${outcome.failure}`;
  const { name, inputs, reason } = outcome;
  const rows = inputs.map(({ name, shape, checked, wrong, largestError, medianError, tolerance, worst, place }) => [
    ...[`${name} [${shape}]`, `${checked}`, `${wrong}`, digits(largestError), digits(medianError), digits(tolerance)],
    ...[place ? `[${place}]` : '–', digits(worst?.backward), digits(worst?.difference)],
  ]);
  const header = [
    'input',
    'checked',
    'wrong',
    'largest error',
    'median error',
    'allowed',
    'worst at',
    'backward',
    'difference',
  ];
  const wrong = inputs.filter((input) => input.wrong > 0);
  const verdict = wrong.length === 0 ? 'right' : `WRONG for ${wrong.map((input) => input.name).join(', ')}`;
  return `${name}: ${verdict}\n${formatTable(header, rows)}\n${reason}`;
}

function listAll(): void {
  for (const [kind, cases] of Object.entries(GRADCHECK_CASES)) {
    console.log(`${kind}: ${cases.map(({ name }) => name).join(', ')}\n`);
  }
  console.log(
    `'npx wgrad gradcheck NAME' checks one, --all checks all ${Object.values(GRADCHECK_CASES).flat().length}.`,
  );
  console.log('A file of your own: npx wgrad gradcheck my_op.ts (docs/ladder.md shows one).');
  console.log(`A rule with a mistake: --break NAME; --break list names the ${BROKEN_RULES.length} there are.`);
}

function listBroken(): void {
  for (const { name, case: found, mistake } of BROKEN_RULES) console.log(`${name.padEnd(24)} ${found}: ${mistake}`);
}

async function showBroken(gpu: Gpu, broken: BrokenRule, json: boolean): Promise<number> {
  const { name, case: of, mistake, rule } = broken;
  const outcome = await outcomeOf(of, runBroken(gpu, broken, readShader));
  const found = !outcome.passed;
  if (json) console.log(JSON.stringify({ broken: { name, case: of, mistake, rule }, found, result: outcome }, null, 2));
  else {
    console.log(`${name}: the rule of '${of}' with a mistake. ${mistake}\nThe right rule: ${rule}\n`);
    console.log(describe(outcome));
    console.log(found ? '\nThe check finds it.' : '\nThe check does not find it.');
  }
  return found ? DONE : FAILED;
}

/**
 * Checks gradients by name, or those of a file of the user's own, and prints what was found; without names lists what there is.
 *
 * @returns the exit code: 1 where a gradient is wrong, or, with a broken rule, where the check does not find it. Throws UserError for a name that
 * is none and a file that is no check.
 */
export async function runGradchecks(names: readonly string[], options: GradcheckCommandOptions): Promise<number> {
  const { all = false, json = false, adapter, rung } = options;
  if (options.break === 'list') listBroken();
  else if (names.length === 0 && !all && options.break === undefined) listAll();
  else {
    const broken = options.break === undefined ? undefined : chosenBreak(options.break, names, all);
    const cases = broken ? [] : await chosenCases(names, all);
    const gpu = await openDevice({ adapter, rung });
    try {
      if (broken) return await showBroken(gpu, broken, json);
      const outcomes: Outcome[] = [];
      for (const one of cases) {
        const outcome = await outcomeOf(one.name, runGradcheck(gpu, one));
        outcomes.push(outcome);
        if (!json) console.log(`${describe(outcome)}\n`);
      }
      const wrong = outcomes.filter(({ passed }) => !passed).map(({ name }) => name);
      if (json) console.log(JSON.stringify(outcomes, null, 2));
      else if (outcomes.length > 1) {
        console.log(
          `${outcomes.length - wrong.length} right${wrong.length > 0 ? `, wrong: ${wrong.join(', ')}` : ''}.`,
        );
      }
      return wrong.length > 0 ? FAILED : DONE;
    } finally {
      gpu.close();
    }
  }
  return DONE;
}
