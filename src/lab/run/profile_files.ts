import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Profile } from '../../runtime/profiler.ts';
import { traceOf } from '../../runtime/trace.ts';
import { formatTable, percent } from '../terminal/text_table.ts';

/** Three digits or so: rates span from 0.1 to many thousands. */
function rate(value: number | undefined): string {
  if (value === undefined) return '–';
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A profile as text: per kernel calls, total time, share, GFLOP/s, GB/s. */
export function formatProfile({ clock, kernels, dispatches, ms }: Profile): string {
  const rows = kernels.map((totals) => [
    totals.kernel,
    totals.operation,
    totals.calls,
    totals.ms.toFixed(1),
    percent(totals.share),
    rate(totals.gflops),
    rate(totals.gbps),
  ]);
  const sum = `${dispatches} dispatches, ${ms.toFixed(1)} ms on the device`;
  const caution =
    clock === 'wall'
      ? '\nThis adapter has no timestamp queries: the time of each batch of dispatches was shared out by the bytes they move. Read it as an estimate.'
      : '';
  return `${formatTable(['kernel', 'operation', 'calls', 'ms', 'share', 'GFLOP/s', 'GB/s'], rows)}\n${sum}${caution}`;
}

/**
 * Prints what the device's profiler has gathered, and writes profile.json (the table) and trace.json (for Perfetto or chrome://tracing)
 * into a folder. Does nothing where profiling is off. Throws UserError where the folder may not be written.
 */
export async function writeProfile(gpu: Gpu, folder: string, say: (line: string) => void): Promise<void> {
  const { profiler } = gpu;
  if (profiler === undefined) return;
  const profile = await profiler.report();
  const trace = traceOf(await profiler.dispatches(), gpu.adapter.description || gpu.adapter.device);
  const traceFile = join(folder, 'trace.json');
  await makeFolder(folder);
  await writeFileAtomically(join(folder, 'profile.json'), `${JSON.stringify(profile, null, 2)}\n`);
  await writeFileAtomically(traceFile, JSON.stringify(trace));
  say(`\nProfile\n${formatProfile(profile)}`);
  say(`Trace: ${traceFile} (open it in https://ui.perfetto.dev or chrome://tracing)`);
}
