import { join } from 'node:path';
import { LADDER_NAMES, LADDERS, type LadderName } from '../../inspect/ladder/ladders.ts';
import { type LadderResult, type RungResult, runLadder } from '../../inspect/ladder/run_ladder.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice, readShader } from '../../node.ts';
import { ShapeError, UserError } from '../../runtime/errors.ts';
import { type Figure, roofline } from '../plots/index.ts';
import { DONE, FAILED } from '../run/exit_codes.ts';
import { formatTable, percent } from '../terminal/text_table.ts';

export interface LadderCommandOptions {
  /** Folder of the figure. */
  out: string;
  /** As in '512x576x512'; default: the usual one for the kind of adapter. */
  shape?: string;
  /** Samples of each rung; default 7. */
  runs?: number;
  json?: boolean;
  adapter?: string;
}

/** The kernels with what `--shape` says of each and which sizes are usual, two lines for each. */
export function ladderShapes(): string {
  return LADDER_NAMES.map((name) => {
    const { sizes, software, hardware } = LADDERS[name];
    return `  ${name}: ${sizes.join(' x ')}\n      default: ${software.join('x')}, on a GPU ${hardware.join('x')}`;
  }).join('\n');
}

/** The sizes in a text like '512x576x512'. Throws UserError where they are not those of the ladder. */
function sizesOf(name: LadderName, text: string): number[] {
  const { sizes: wanted, software } = LADDERS[name];
  const sizes = text.split(/[x×]/).map(Number);
  if (sizes.length !== wanted.length || !sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new UserError(`--shape of ${name} is ${wanted.join(' x ')}, as in ${software.join('x')}, not '${text}'.`);
  }
  return sizes;
}

/** Three digits: rates span from a thousandth to many thousands. */
const rate = (value: number) => `${Number(value.toPrecision(3))}`;
const time = (ms: number) => (ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`);
const loads = (value: number) => (value === 0 ? '0' : `${Number(value.toPrecision(2))}`);

function table(rungs: readonly RungResult[]): string {
  const header = [
    ...['rung', 'shader', 'time', 'GFLOP/s', 'GB/s', 'loads per multiply-add', 'of workgroup memory'],
    ...['share of peak', '× naive', 'error'],
  ];
  return formatTable(
    header,
    rungs.map(({ name, taken, shader, ms, gflops, gbps, loads: loaded, shareOfPeak, vsNaive, error }) => [
      ...[taken ? `${name} *` : name, shader, time(ms), rate(gflops), rate(gbps)],
      ...[
        loads(loaded.buffer),
        loads(loaded.workgroup),
        percent(shareOfPeak),
        vsNaive.toFixed(1),
        error.toExponential(1),
      ],
    ]),
  );
}

function describe(result: LadderResult): string {
  const { ladder, shape, adapter, peakGflops, copyGbps, rungs, missing, correct, float64Error, allowed } = result;
  const checked = `naive differs from float64 by ${float64Error.toExponential(1)} at most, the others from naive as the last column says; rounding may make ${allowed.toExponential(1)} (of the largest element).`;
  return [
    `${ladder} ${shape}, on ${adapter}`,
    `Measured on this adapter: ${rate(peakGflops)} GFLOP/s of fused multiply-adds in registers (the peak), ${rate(copyGbps)} GB/s of a copy.`,
    table(rungs),
    '* what the engine takes here. Times are the fastest samples; GB/s counts every array once.',
    ...(missing.length > 0 ? [`Not run, as this adapter or these sizes do not allow it: ${missing.join(', ')}.`] : []),
    correct ? `All agree: ${checked}` : `WRONG: ${checked}`,
    ...rungs.map(({ name, shader, paragraph }) => `\n${name} (shaders/${shader}.wgsl)\n${paragraph}`),
  ].join('\n');
}

/** The roofline of a ladder. */
function figureOf({ ladder, shape, adapter, flops, inputBytes, peakGflops, copyGbps, rungs }: LadderResult): Figure {
  // A multiply-add is two operations, an element four bytes.
  const intensity = (loaded: number) => 2 / (4 * loaded);
  return roofline({
    name: `${ladder}_roofline`,
    title: `${ladder} ${shape}, on ${adapter}`,
    ...{ peak: peakGflops, bandwidth: copyGbps, once: flops / inputBytes },
    points: rungs.map(({ name, gflops, loads: { buffer, workgroup } }) => ({
      ...{ name, gflops, intensity: intensity(buffer) },
      withWorkgroup: intensity(buffer + workgroup),
    })),
  });
}

/**
 * Runs every version of a kernel on this adapter and prints what each reaches and why; writes a roofline figure. Without a kernel lists them.
 *
 * @returns the exit code: 1 where a version's result is wrong. Throws UserError for a shape that the kernel does not take.
 */
export async function runLadderCommand(name: LadderName | undefined, options: LadderCommandOptions): Promise<number> {
  if (name === undefined) {
    if (options.shape !== undefined) throw new UserError('--shape is of a kernel; name it, as in wgrad ladder matmul.');
    console.log(`The kernels, with what --shape says of each:\n${ladderShapes()}`);
    return DONE;
  }
  const { out, shape, runs, json = false, adapter } = options;
  const sizes = shape === undefined ? undefined : sizesOf(name, shape);
  await makeFolder(out);
  const gpu = await openDevice({ adapter });
  try {
    const result = await runLadder(gpu, name, { sizes, runs, shaders: readShader });
    const { svg, png, name: stem } = figureOf(result);
    const figures = [join(out, `${stem}.svg`), join(out, `${stem}.png`)];
    await writeFileAtomically(figures[0], svg);
    await writeFileAtomically(figures[1], png);
    if (json) console.log(JSON.stringify({ ...result, figures }, null, 2));
    else console.log(`${describe(result)}\n\nRoofline: ${figures.join(', ')}`);
    return result.correct ? DONE : FAILED;
  } catch (error) {
    if (error instanceof ShapeError) throw new UserError(`--shape ${shape}: ${error.message}`);
    throw error;
  } finally {
    gpu.close();
  }
}
