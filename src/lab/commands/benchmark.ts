import { join } from 'node:path';
import { type BenchmarkReport, benchmarkAdapter } from '../../inspect/benchmark/adapter_benchmark.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice, readShader } from '../../node.ts';
import { DONE } from '../run/exit_codes.ts';
import { programVersions } from '../run/run_environment.ts';
import { formatDuration, Progress } from '../terminal/progress.ts';
import { formatTable, percent } from '../terminal/text_table.ts';
import { adapterFile } from './conformance_text.ts';

export interface BenchmarkOptions {
  /** Folder of the report. */
  out: string;
  json?: boolean;
  adapter?: string;
}

const three = (value: number) => `${Number(value.toPrecision(3))}`;

/** A line of the table of adapters in docs/benchmarks.md. */
export function adapterRow(
  { adapter, peakGflops, kernels, trainings, dispatchUs }: BenchmarkReport,
  date: string,
): string {
  const name = adapter.description || adapter.device;
  const conv = kernels.find(({ kernel }) => kernel === 'conv2d');
  const largest = Math.max(...trainings.map(({ batch }) => batch));
  const speeds = trainings
    .filter(({ batch }) => batch === largest)
    .map(({ imagesPerSecond }) => three(imagesPerSecond));
  const [{ width, firstStepMs }] = trainings;
  const cells = [
    ...[name, date, three(peakGflops), conv ? `${three(conv.gflops)} (${conv.rung})` : '', `${width}, ${largest}`],
    ...[...speeds, `${(firstStepMs / 1000).toFixed(1)} s`, `${dispatchUs.together.toFixed(0)} µs`],
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A report for people. */
export function describeBenchmark(report: BenchmarkReport, date: string): string {
  const { adapter, peakGflops, copyGbps, kernels, trainings, dispatchUs, seconds } = report;
  return [
    formatTable(
      ['kernel', 'shape', 'rung', 'GFLOP/s', 'share of peak'],
      kernels.map(({ kernel, shape, rung, gflops, shareOfPeak }) => [
        ...[kernel, shape, rung, three(gflops), percent(shareOfPeak)],
      ]),
    ),
    `Measured on this adapter: ${three(peakGflops)} GFLOP/s of fused multiply-adds in registers (the peak), ${three(copyGbps)} GB/s of a copy.`,
    '',
    formatTable(
      ['training step', 'width', 'batch', 'first step, s', 'ms a step', 'images/s'],
      trainings.map(({ net, width, batch, firstStepMs, msPerStep, imagesPerSecond }) => [
        ...[net, width, batch, (firstStepMs / 1000).toFixed(2), msPerStep.toFixed(1), three(imagesPerSecond)],
      ]),
    ),
    'Forward, backward, Adam, images 32×32. The first step compiles, unless the driver has the kernels from before.',
    '',
    `A tiny dispatch: ${three(dispatchUs.together)} µs among many, ${three(dispatchUs.alone)} µs alone and waited for.`,
    `${adapter.description || adapter.device}, in ${formatDuration(seconds)}.`,
    '',
    `Its line for the table in docs/benchmarks.md:\n${adapterRow(report, date)}`,
  ].join('\n');
}

/**
 * Measures an adapter, prints what was found and writes it as a report to send.
 *
 * @returns the exit code. Throws UserError where the report cannot be written.
 */
export async function runBenchmark({ out, json = false, adapter }: BenchmarkOptions): Promise<number> {
  await makeFolder(out);
  const progress = new Progress('benchmark', 1);
  const report = await benchmarkAdapter({
    open: () => openDevice({ adapter }),
    shaders: readShader,
    onProgress: (share, next) => progress.update(share, [next]),
  }).finally(() => progress.stop());
  const at = new Date().toISOString();
  const sent = { ...programVersions(), at, ...report };
  const file = join(out, `benchmark-${adapterFile(report.adapter)}.json`);
  await writeFileAtomically(file, `${JSON.stringify(sent, null, 2)}\n`);
  if (json) console.log(JSON.stringify(sent, null, 2));
  else console.log(`${describeBenchmark(report, at.slice(0, 10))}\n\nReport, to keep or to send: ${file}`);
  return DONE;
}
