import { join } from 'node:path';
import { checkConformance } from '../../inspect/conformance/conformance.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { programVersions } from '../run/run_environment.ts';
import { keepVerification, shortened } from '../run/verification.ts';
import { Progress } from '../terminal/progress.ts';
import { adapterFile, describeConformance } from './conformance_text.ts';

export interface VerifyOptions {
  /** Folder of the report. */
  out: string;
  quick?: boolean;
  json?: boolean;
  adapter?: string;
}

/**
 * Checks whether an adapter with its driver computes rightly, prints what was found, writes it as a report to send, and keeps it for this adapter, so that
 * what is wrong is not used.
 *
 * @returns the exit code: 1 where anything falls short. Throws UserError where the report cannot be written.
 */
export async function runVerify({ out, quick = false, json = false, adapter }: VerifyOptions): Promise<number> {
  await makeFolder(out);
  const progress = new Progress('verify', 1);
  const report = await checkConformance({
    open: (options) => openDevice({ ...options, adapter }),
    quick,
    onProgress: (share, next) => progress.update(share, [next]),
  }).finally(() => progress.stop());
  const sent = { ...programVersions(), at: new Date().toISOString(), ...report };
  const file = join(out, `verify-${adapterFile(report.adapter)}.json`);
  await writeFileAtomically(file, `${JSON.stringify(sent, null, 2)}\n`);
  if (json) console.log(JSON.stringify(sent, null, 2));
  else console.log(`${describeConformance(report)}\n\nReport, to keep or to send: ${file}`);
  try {
    const known = await keepVerification(report);
    if (report.passed && !known.passed) {
      console.error(
        `Not used all the same: ${shortened(known.wrong)}, as a whole check found on ${known.at.slice(0, 10)}. \`npx wgrad verify\` looks again.`,
      );
    }
  } catch (error) {
    console.error(`That was not kept, so that what is wrong would still be used: ${(error as Error).message}`);
  }
  return report.passed ? DONE : FAILED;
}
