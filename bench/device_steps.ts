/** A part of `bench:device`: a program of the project, and the time it is given. */
export interface DeviceStep {
  name: string;
  what: string;
  /** The program from the project's root, and its arguments. */
  args: readonly string[];
  /** At most. */
  seconds: number;
  /** Less than this is not worth beginning. */
  least: number;
  /** Whether it may end with work saved and left to do, by exit code 75. */
  mayStop?: boolean;
}

/** How a step ended: its exit code, or why it has none. */
export interface StepOutcome {
  step: DeviceStep;
  end: number | 'out of time' | 'no time left';
  seconds: number;
}

interface Where {
  into: string;
  adapter: string;
  dataDir?: string;
}

const CUDA = 'wgrad-f16,torch-cuda,torch-cuda-tf32,torch-cuda-autocast';

/** The steps, the most valuable first: is it right, what is fastest, how fast are whole steps beside PyTorch, then the kernels, the tests and the lab. */
export function deviceSteps({ into, adapter, dataDir }: Where): DeviceStep[] {
  const wgrad = (...args: string[]) => ['src/lab/cli/main.ts', ...args];
  const on = ['--adapter', adapter];
  const data = dataDir === undefined ? [] : ['--data-dir', dataDir];
  const peers = (net: string) => ({
    name: `peers-${net}`,
    what: `training steps of ${net} beside PyTorch's, in float32, TF32 and half precision where CUDA is there`,
    args: ['bench/peers/bench_peers.ts', '--net', net, '--batch', '32,128', '--only', CUDA],
    ...{ seconds: 60, least: 15 },
  });
  const lab = `${into}/full`;
  return [
    {
      name: 'verify',
      what: 'every kernel against float64, gradients, training steps',
      args: wgrad('verify', '--quick', ...on),
      ...{ seconds: 120, least: 30 },
    },
    {
      name: 'tune',
      what: 'which version of each kernel is the fastest',
      args: wgrad('doctor', '--tune'),
      ...{ seconds: 60, least: 15 },
    },
    {
      name: 'benchmark',
      what: 'kernels beside the peak of the adapter, training steps, the first step, a dispatch',
      args: wgrad('benchmark', '--out', `${into}/benchmark`, ...on),
      ...{ seconds: 90, least: 30 },
    },
    ...['custom-cnn', 'resnet18', 'efficientnet-b0'].map(peers),
    {
      name: 'kernels',
      what: 'kernels and steps, each version beside the naive one',
      args: ['bench/bench.ts', '--only', 'matmul,conv2d,conv2d-input-grad,conv2d-weight-grad,training-step', ...on],
      ...{ seconds: 120, least: 30 },
    },
    {
      name: 'tests',
      what: 'tests of the kernels, of the operations and of the layers',
      args: ['node_modules/vitest/vitest.mjs', 'run', 'test/kernels', 'test/autograd', 'test/nn'],
      ...{ seconds: 240, least: 60 },
    },
    {
      name: 'lab',
      what: 'the full lab, as far as it comes; the same command goes on, and says what is left',
      args: wgrad('lab', '--preset', 'full', '--into', lab, '--stop-after', '3m', ...data, ...on),
      ...{ seconds: 200, least: 190 },
      mayStop: true,
    },
  ];
}

/** Seconds for a step of those that are left; undefined where it is not worth beginning. */
export function timeFor({ seconds, least }: DeviceStep, left: number): number | undefined {
  return left < least ? undefined : Math.min(seconds, left);
}

/** What a terminal shows of an output: of lines that are written over the last state, without colours. */
function shown(output: string): string {
  const lines = output.replace(/\r\n/g, '\n').split('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours begin with one.
  return lines.map((line) => line.slice(line.lastIndexOf('\r') + 1).replace(/\x1b\[[0-9;]*m/g, '')).join('\n');
}

/** device.md: how each step ended, and what it printed. outputs: in the order of the outcomes. */
export function deviceReport(outcomes: readonly StepOutcome[], outputs: readonly string[], date: string): string {
  const ends = outcomes.map(({ step: { name, what, mayStop }, end, seconds }) => {
    const words =
      end === 0
        ? 'done'
        : mayStop && end === 75
          ? 'stopped, to go on'
          : typeof end === 'number'
            ? `exit code ${end}`
            : end;
    return `| ${name} | ${what} | ${words} | ${end === 'no time left' ? '' : `${Math.round(seconds)} s`} |`;
  });
  const sections = outcomes.flatMap(({ step: { name, args } }, i) => {
    const text = shown(outputs[i]).trim();
    return text === '' ? [] : [`## ${name}\n\n    ${args.join(' ')}\n\n\`\`\`\n${text}\n\`\`\``];
  });
  return [
    `# This adapter, ${date}`,
    ['| step | what | end | time |', '| --- | --- | --- | ---: |', ...ends].join('\n'),
    ...sections,
    '',
  ].join('\n\n');
}
