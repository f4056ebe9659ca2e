// A study on a cluster that fails: a Slurm of three nodes runs it as an array; a task is requeued, a node is killed, a disk is filled, a task's time
// is over. What comes out must be what one machine makes, bit for bit but for timings.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readSweep, sweepTrainings } from '../../src/lab/sweep/sweep_file.ts';
import { collectSweep, trainingFolder } from '../../src/lab/sweep/sweep_results.ts';
import { sweepStatus, type TrainingStatus } from '../../src/lab/sweep/sweep_status.ts';
import { compareStudies } from './same_study.ts';
import { type Node, PACKAGES, PROGRAMS, Slurm } from './slurm.ts';

/** What the test ends with where it cannot run: no failure. */
const NOT_RUN = 77;
/** Seconds until all must be done. */
const DEADLINE = 900;
/** Bytes of the disk that is filled: room for a training's first checkpoint, not for all that follows. */
const SMALL_DISK = '700k';
/** Of the array's tasks: requeued, on the node that is killed, on the small disk, out of time. */
const REQUEUED = 1;
const KILLED = 2;
const FULL = 3;
const OUT_OF_TIME = 5;

const root = fileURLToPath(new URL('../..', import.meta.url));
const WGRAD = [process.execPath, '--import', 'tsx', join(root, 'src/lab/cli/main.ts')];
const started = performance.now();
const say = (text: string) =>
  console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`);

/** Why the test cannot run here; undefined where it can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  const missing = PROGRAMS.find((program) => spawnSync('which', [program]).status !== 0);
  return missing && `${missing} is not installed (apt-get install --no-install-recommends ${PACKAGES})`;
}

/** A study of twelve trainings of seconds each. */
const STUDY = `data: mnist
maxPerClass: 24
testPerClass: 10
base: { width: 0.0625, epochs: 10, batchSize: 16 }
grid:
  loss: [ce, focal]
  sampler: [none, balanced]
seeds: [0, 1, 2]
`;

const folder = mkdtempSync(join(tmpdir(), 'wgrad-cluster-'));
const at = (name: string) => join(folder, name);
const disks: string[] = [];
let slurm: Slurm | undefined;

/** Runs a command of wgrad's to its end. */
function wgrad(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [program, ...before] = WGRAD;
  return new Promise((resolve) => {
    execFile(program, [...before, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout: stdout.trim(), stderr: stderr.trim() }),
    );
  });
}

/** Shows what `sweep --status` says while the array runs. */
async function showStatus(): Promise<void> {
  const { stdout } = await wgrad('sweep', at('study.yaml'), '--into', at('study'), '--status');
  say(`sweep --status:\n${stdout}`);
}

/** The job's script. Each task is one training; one has little time when it is begun first, and ends with 75, which has Slurm begin it again. */
function jobScript({ firstLine }: Slurm): string {
  const command = WGRAD.map((word) => `'${word}'`).join(' ');
  return `#!/bin/bash
#SBATCH --array=1-12
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=${at('task-%a.log')}
${firstLine}
echo "task $SLURM_ARRAY_TASK_ID on $SLURMD_NODENAME, start \${SLURM_RESTART_COUNT:-0}"
[ "$SLURM_ARRAY_TASK_ID.\${SLURM_RESTART_COUNT:-0}" = ${OUT_OF_TIME}.0 ] && set -- --stop-after 5s
exec ${command} sweep '${at('study.yaml')}' --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT --into '${at('study')}' "$@"
`;
}

async function test(): Promise<void> {
  writeFileSync(at('study.yaml'), STUDY);
  const sweep = await readSweep(at('study.yaml'));
  const trainings = sweepTrainings(sweep);
  const status = async () =>
    (await sweepStatus(at('study'), trainings, await collectSweep(at('study'), sweep))).trainings;

  const disk = trainingFolder(at('study'), trainings[FULL - 1].name);
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', disk]);
  disks.push(disk);

  slurm = await Slurm.start(at('slurm'), (one) => {
    slurm = one;
  });
  const cluster = slurm;
  say(`A Slurm of three nodes runs: ${cluster.command('sinfo', '--version')}.`);
  writeFileSync(at('job.sh'), jobScript(cluster));
  const job = cluster.command('sbatch', '--parsable', `--chdir=${root}`, at('job.sh'));
  say(`${trainings.length} trainings are an array, job ${job}; the same study is made beside it in one process.`);
  const alone = wgrad('sweep', at('study.yaml'), '--into', at('alone'));

  const nodeOf = (task: number) =>
    cluster
      .queue(job)
      .find((line) => line.startsWith(`${task} RUNNING`))
      ?.split(' ')[2];
  const underWay =
    (task: number) =>
    ({ state, epochs }: TrainingStatus) =>
      state === 'running' && epochs.done > 0 && nodeOf(task);
  const acts: { task: number; isTime: (training: TrainingStatus) => unknown; act: () => Promise<void> }[] = [
    {
      task: REQUEUED,
      isTime: underWay(REQUEUED),
      act: async () => {
        say(`Task ${REQUEUED} is requeued on ${nodeOf(REQUEUED)}.`);
        cluster.command('scontrol', 'requeue', `${job}_${REQUEUED}`);
      },
    },
    {
      task: KILLED,
      isTime: underWay(KILLED),
      act: async () => {
        const node = nodeOf(KILLED) as Node;
        say(`The node of task ${KILLED}, ${node}, is killed: its daemons and the job.`);
        cluster.crash(node);
        await showStatus();
        await cluster.untilDown(node);
        say(
          `${node} is down: ${cluster
            .queue(job)
            .filter((line) => line.startsWith(`${KILLED} `))
            .join()}; it is started anew.`,
        );
        cluster.startNode(node);
      },
    },
    {
      task: FULL,
      isTime: ({ state }) => state === 'failed',
      act: async () => {
        say(`Task ${FULL} has filled its disk:`);
        await showStatus();
        const merged = await wgrad('merge', at('study'), '--into', at('too-early'));
        say(`merge ends with ${merged.status}: ${merged.stderr}`);
        if (merged.status !== 2 || !merged.stderr.includes('missing')) throw new Error('merge took what is not whole.');
        execFileSync('mount', ['-o', 'remount,size=50m', disk]);
        cluster.command('scontrol', 'requeue', `${job}_${FULL}`);
      },
    },
  ];

  let fault: unknown;
  const underHand = new Set<unknown>();
  for (const left = new Set(acts); ; await pause(300)) {
    if (fault !== undefined) throw fault;
    if (performance.now() - started > DEADLINE * 1000) throw new Error(`Not done after ${DEADLINE} seconds.`);
    const all = await status();
    for (const one of left) {
      if (!one.isTime(all[one.task - 1])) continue;
      left.delete(one);
      underHand.add(one);
      // Beside the rest: the others go on meanwhile.
      one
        .act()
        .catch((error) => {
          fault = error;
        })
        .finally(() => underHand.delete(one));
    }
    if (
      left.size + underHand.size === 0 &&
      all.every(({ state }) => state === 'done') &&
      cluster.queue(job).length === 0
    )
      break;
    const early = [...left].find(({ task }) => all[task - 1].state === 'done');
    if (early)
      throw new Error(
        `Task ${early.task} was done before anything happened to it: the study is too short for this machine.`,
      );
  }
  say('All tasks are done.');
  checkTasks();

  const merged = await wgrad('merge', at('study'), '--into', at('merged'));
  if (merged.status !== 0) throw new Error(`merge ended with ${merged.status}: ${merged.stderr}`);
  say(`merge: ${merged.stdout}`);
  const again = performance.now();
  if ((await wgrad('sweep', at('study.yaml'), '--into', at('study'))).status !== 0)
    throw new Error('The study is not done.');
  say(`sweep, once more: done before, after ${((performance.now() - again) / 1000).toFixed(1)} s.`);
  if ((await alone).status !== 0) throw new Error('The study on one machine failed.');
  const { compared, differences } = compareStudies(at('merged'), at('alone'));
  if (differences.length > 0) throw new Error(`The studies differ: ${differences.join('; ')}.`);
  say(`${compared} files are the same as on one machine without Slurm, bit for bit but for timings.`);
}

/** @throws unless the logs show that each task met what it was to meet. */
function checkTasks(): void {
  const log = (task: number) => readFileSync(at(`task-${task}.log`), 'utf8');
  const expected: [number, RegExp][] = [
    [REQUEUED, /start 0[\s\S]*Stopping after the step under way and saving[\s\S]*start 1[\s\S]*trainings are done/],
    [KILLED, /start 0[\s\S]*start 1[\s\S]*trainings are done/],
    [FULL, /start 0[\s\S]*The disk is full[\s\S]*start 1[\s\S]*trainings are done/],
    [OUT_OF_TIME, /start 0[\s\S]*The time of --stop-after is over[\s\S]*start 1[\s\S]*trainings are done/],
  ];
  for (const [task, lines] of expected) {
    if (!lines.test(log(task))) throw new Error(`The log of task ${task} is not as it must be:\n${log(task)}`);
    say(
      `Task ${task}: ${log(task)
        .match(/^task .*$/gm)
        ?.join('; ')}.`,
    );
  }
}

/** Ends what was started, by process id. */
async function cleanUp(): Promise<void> {
  try {
    await slurm?.stop();
  } finally {
    for (const disk of disks) execFileSync('umount', [disk]);
  }
}

const reason = obstacle();
if (reason !== undefined) {
  console.log(`The test of the cluster did not run: ${reason}.`);
  process.exit(NOT_RUN);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
}
let failure: unknown;
try {
  await test();
} catch (error) {
  failure = error;
}
await cleanUp().catch((error) => {
  failure ??= error;
});
if (failure === undefined) {
  rmSync(folder, { recursive: true });
  say('Everything that was started has ended.');
} else {
  console.error(failure);
  console.error(`What it left is in ${folder}.`);
  process.exitCode = 1;
}
