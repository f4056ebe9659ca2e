import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { formatTable } from '../../src/lab/terminal/text_table.ts';
import { median } from '../../src/runtime/timing.ts';
import { gradientsApart } from './gradient_figures.ts';
import { NETS, type Net, writeInitialStates } from './initial_state.ts';
import { PeerProcess } from './peer_process.ts';
import type { FirstStep } from './training_system.ts';

/** A round of a system takes at least this long, or one step. */
const ROUND_MS = 1000;
/** Losses of the same float32 computation differ by rounding, some 1e-6 after ten layers; a wrong layer shows at once. */
const LOSS_TOLERANCE = 1e-4;
/**
 * Gradients are sums of many such roundings, through normalisations; a wrong rule is off by its own size. Of many images some value lies so near to 0 that
 * ReLU takes it one way in one system and the other way in another: at batch 32 PyTorch's own float32 and float64 are 0.004 of a gradient apart in single elements.
 */
const gradientTolerance = (batch: number) => (batch <= 8 ? 5e-3 : 5e-2);
/** TF32 and half precision keep 10 bits of each factor. */
const COARSE_LOSS_TOLERANCE = 1e-2;
const COARSE_GRADIENT_TOLERANCE = 0.2;

const SYSTEMS = [
  ...(['wgrad', 'wgrad-f16', 'jax-js', 'tfjs-webgpu'] as const),
  ...(['torch-cpu', 'torch-cuda', 'torch-cuda-tf32', 'torch-cuda-autocast'] as const),
] as const;
/** Those that keep 10 bits of the factors of a product. */
const COARSE: readonly string[] = ['wgrad-f16', 'torch-cuda-tf32', 'torch-cuda-autocast'];
type SystemName = (typeof SYSTEMS)[number];

interface Row {
  net: Net;
  batch: number;
  system: SystemName;
  imagesPerSecond: number;
  firstLoss: number;
  firstStepMs: number;
}

interface Options {
  net: Net;
  width: number;
  batch: number[];
  rounds: number;
  threads: number;
  python?: string;
  only?: SystemName[];
  json?: boolean;
}

/** How to start each system that there is; says on standard error what is skipped. */
function findSystems({ net, width, threads, python, only }: Options): Map<SystemName, () => PeerProcess> {
  const found = new Map<SystemName, () => PeerProcess>();
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const node = (file: string, ...more: string[]) => {
    const args = ['--import', import.meta.resolve('tsx'), here(file), net, String(width), ...more];
    return () => new PeerProcess(process.execPath, args);
  };
  const wanted = (system: SystemName) => only === undefined || only.includes(system);
  found.set('wgrad', node('wgrad_system.ts'));
  found.set('wgrad-f16', node('wgrad_system.ts', 'f16'));
  if (net === 'custom-cnn') {
    found.set('jax-js', node('jax_js_system.ts'));
    found.set('tfjs-webgpu', node('tfjs_system.ts'));
  } else if (wanted('tfjs-webgpu') || wanted('jax-js')) {
    console.error(
      `jax-js and TensorFlow.js are skipped: they bring no ${net}, and only CustomCNN is written for them here.`,
    );
  }
  if (net !== 'custom-cnn' && width !== 1) {
    console.error(`PyTorch is skipped: torchvision's ${net} has one width, 1.`);
  } else if (SYSTEMS.some((system) => system.startsWith('torch') && wanted(system))) {
    const modules = net === 'custom-cnn' ? 'torch' : 'torch, torchvision';
    const probe = `import ${modules}; print(torch.cuda.is_available())`;
    const candidates = python === undefined ? ['/usr/bin/python3', 'python3'] : [python];
    const answers = candidates.map((command) => ({
      command,
      answer: spawnSync(command, ['-c', probe], { encoding: 'utf8' }),
    }));
    const torch = answers.find(({ answer }) => answer.status === 0);
    if (torch === undefined) {
      console.error(`PyTorch is skipped: ${candidates.join(' and ')} cannot import ${modules}.`);
    } else {
      const start = (kind: string) => () =>
        new PeerProcess(torch.command, [here('torch_system.py'), kind, String(threads), net]);
      found.set('torch-cpu', start('cpu'));
      if (torch.answer.stdout.trim() === 'True') {
        found.set('torch-cuda', start('cuda'));
        found.set('torch-cuda-tf32', start('cuda-tf32'));
        found.set('torch-cuda-autocast', start('cuda-autocast'));
      } else console.error('PyTorch on CUDA is skipped: it finds no CUDA device.');
    }
  }
  for (const system of found.keys()) if (!wanted(system)) found.delete(system);
  return found;
}

interface Contender extends FirstStep {
  name: SystemName;
  peer: PeerProcess;
  steps: number;
  /** Milliseconds a step, of each round. */
  samples: number[];
}

/** Milliseconds a step, over `steps` of them. */
async function round({ peer, name }: Pick<Contender, 'peer' | 'name'>, steps: number): Promise<number> {
  try {
    return (await peer.ask<{ ms: number }>({ run: steps })).ms / steps;
  } catch (cause) {
    throw new Error(`${name} failed: ${(cause as Error).message}`, { cause });
  }
}

/** Lets all systems train on the batch of a file in turn, so that a busy moment of the machine meets them all. */
async function compare(
  peers: ReadonlyMap<SystemName, PeerProcess>,
  file: string,
  rounds: number,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [name, peer] of peers) {
    let first: FirstStep;
    try {
      first = await peer.ask({ prepare: file });
    } catch (error) {
      if (name === 'wgrad') throw error;
      console.error(`${name} is skipped: ${(error as Error).message}`);
      continue;
    }
    const once = await round({ peer, name }, 1);
    // A second step shows the speed: in the first, kernels were still being compiled.
    const steps = Math.max(1, Math.round(ROUND_MS / once));
    contenders.push({ name, peer, ...first, steps, samples: steps === 1 ? [once] : [] });
  }
  for (let i = 0; i < rounds; i++) {
    for (const contender of contenders) {
      if (contender.samples.length <= i) contender.samples.push(await round(contender, contender.steps));
    }
  }
  return contenders;
}

/** One sentence for each system whose first loss or gradients are not those of the first system. */
function disagreements(contenders: readonly Contender[], batch: number): string[] {
  const [{ name: ours, firstLoss: expected, gradients: ownGradients = {} }] = contenders;
  return contenders.flatMap(({ name, firstLoss, gradients }) => {
    const coarse = COARSE.includes(name);
    const tolerance = coarse ? COARSE_LOSS_TOLERANCE : LOSS_TOLERANCE;
    if (Math.abs(firstLoss - expected) <= tolerance * Math.abs(expected)) {
      const { apart, name: of } = gradientsApart(gradients ?? ownGradients, ownGradients);
      if (apart <= (coarse ? COARSE_GRADIENT_TOLERANCE : gradientTolerance(batch))) return [];
      return [
        `The gradient of ${of} of ${name} is ${apart.toPrecision(2)} of its size off ${ours}'s: not the same training step.`,
      ];
    }
    return [`The first loss of ${name} is ${firstLoss}, that of ${ours} ${expected}: not the same training step.`];
  });
}

async function benchPeers(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-peers-'));
  const peers = new Map<SystemName, PeerProcess>();
  const end = () => {
    for (const peer of peers.values()) peer.close();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // A halted process would not notice that this one is gone.
    process.once(signal, () => {
      end();
      process.exit(130);
    });
  }
  try {
    const files = new Map(options.batch.map((batch) => [batch, join(folder, `batch${batch}.safetensors`)]));
    await writeInitialStates(options.net, options.width, files);
    const systems = findSystems(options);
    const rows: Row[] = [];
    const table: (string | number)[][] = [];
    const problems: string[] = [];
    let device = '';
    for (const [batch, file] of files) {
      // Processes of their own for each batch: what the first step of an earlier one compiled would help the next.
      for (const [name, start] of systems) peers.set(name, start());
      const contenders = await compare(peers, file, options.rounds);
      for (const peer of peers.values()) peer.close();
      peers.clear();
      problems.push(...disagreements(contenders, batch));
      device = contenders[0].device;
      const first = median(contenders[0].samples);
      for (const { name, firstLoss, firstStepMs, samples, device: where } of contenders) {
        const ms = median(samples);
        const imagesPerSecond = (1000 * batch) / ms;
        rows.push({ net: options.net, batch, system: name, imagesPerSecond, firstLoss, firstStepMs });
        const compiled = (firstStepMs / 1000).toFixed(2);
        const speed = [ms.toFixed(1), imagesPerSecond.toFixed(2), (ms / first).toFixed(2)];
        table.push([name, where, batch, compiled, ...speed, firstLoss]);
      }
    }
    if (options.json) console.log(JSON.stringify({ device, rows }, null, 2));
    else {
      const head = ['system', 'on', 'batch', 'first step, s', 'ms a step', 'images/s', 'time ÷ wgrad', 'first loss'];
      console.log(`${options.net}, width ${options.width}: forward, backward, Adam\n${formatTable(head, table)}`);
      console.log(
        `Median of ${options.rounds} rounds, systems taking turns. First losses may differ by ${LOSS_TOLERANCE} of their size (TF32: ${COARSE_LOSS_TOLERANCE}), gradients by ${gradientTolerance(8)}, of more than 8 images ${gradientTolerance(9)} (TensorFlow.js does not show its own).`,
      );
    }
    for (const problem of problems) console.error(problem);
    return problems.length > 0 ? 1 : 0;
  } finally {
    end();
  }
}

function above(limit: number, integer: boolean) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= limit || (integer && !Number.isInteger(value)) || text.trim() === '') {
      throw new InvalidArgumentError(`It must be a ${integer ? 'whole ' : ''}number above ${limit}.`);
    }
    return value;
  };
}

function systems(text: string): SystemName[] {
  const given = new Set(text.split(',').map((name) => name.trim()));
  for (const name of given) {
    if (!(SYSTEMS as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`There is no system '${name}'; there are: ${SYSTEMS.join(', ')}.`);
    }
  }
  return SYSTEMS.filter((name) => name === 'wgrad' || given.has(name));
}

/** Runs the command line. Returns the exit code: 2 for a mistake of the user's, 1 where a system failed or computes something else. */
async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const count = above(0, true);
  const program = new Command('bench:peers')
    .description(
      'Times the same training step of a network in wgrad, jax-js and TensorFlow.js on WebGPU, and PyTorch where there is one.',
    )
    .addOption(new Option('--net <name>', 'network to train').choices(NETS).default('custom-cnn'))
    .option('--width <factor>', "channels of the network, relative to the lab's", above(0, false), 1)
    .option('--batch <sizes>', 'images in a step, with commas between', (text) => text.split(',').map(count), [8, 32])
    .option('--rounds <n>', 'turns of each system', count, 3)
    .option('--threads <n>', 'threads of PyTorch on the CPU', count, 2)
    .option('--python <path>', 'the Python that has torch (default: /usr/bin/python3, then python3)')
    .option('--only <systems>', `systems to run beside wgrad, with commas between: ${SYSTEMS.join(', ')}`, systems)
    .option('--json', 'print one JSON object')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bench:peers: ')) })
    .action(async (options) => {
      exitCode = await benchPeers(options);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`bench:peers: ${(error as Error).message}`);
    return 1;
  }
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
