// A Slurm of its own on one machine: three nodes, without systemd, cgroups or anything under /etc, started and ended by process id.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const NODES = ['n1', 'n2', 'n3'] as const;
export type Node = (typeof NODES)[number];

/** Programs that are needed, and Debian's packages that have them. */
export const PROGRAMS = ['slurmctld', 'slurmd', 'sbatch', 'munged'] as const;
export const PACKAGES = 'slurmctld slurmd slurm-client munge';

/** Seconds until a node that does not answer counts as down. */
const NODE_TIMEOUT = 5;
/** Seconds before a task that was requeued may start again; Slurm's own are 120. */
const REQUEUE_DELAY = 3;
/** Seconds that a task has between SIGTERM and SIGKILL. */
const KILL_WAIT = 60;

/** slurm.conf of a cluster whose files stand in a folder. ports: of the controller and of the nodes. */
export function configuration(folder: string, host: string, [controller, ...nodes]: readonly number[]): string {
  return `ClusterName=wgrad
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=${REQUEUE_DELAY}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool.%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
SlurmdParameters=config_overrides
SlurmdTimeout=${NODE_TIMEOUT}
KillWait=${KILL_WAIT}
ReturnToService=2
RequeueExit=75
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerParameters=sched_interval=2,batch_sched_delay=1
${NODES.map((node, i) => `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${nodes[i]} CPUs=1 State=UNKNOWN`).join('\n')}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** Ports that nobody uses now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  return servers.map((server) => {
    const { port } = server.address() as { port: number };
    server.close();
    return port;
  });
}

/** Whether a process is there and has not ended. */
export function lives(pid: number): boolean {
  try {
    // The name, in brackets, may hold anything; the state follows it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Three nodes and a controller; see `start`. */
export class Slurm {
  readonly #folder: string;
  readonly #daemons = new Map<string, ChildProcess>();
  /** Process ids of all jobs' scripts and of the daemons above them that were seen. */
  readonly #jobs = new Set<number>();
  readonly env: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { ...process.env, SLURM_CONF: join(folder, 'slurm.conf') };
  }

  /** Starts one whose files stand in a folder. `stop` is to be called however this ends. */
  static async start(folder: string, starting: (slurm: Slurm) => void): Promise<Slurm> {
    const slurm = new Slurm(folder);
    starting(slurm);
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
    writeFileSync(slurm.env.SLURM_CONF ?? '', configuration(folder, hostname().split('.')[0], await freePorts(4)));
    const munge = Object.entries({ key: 'key', socket: 'socket', pid: 'pid', log: 'log', seed: 'seed' });
    const files = munge.map(([name, file]) => `--${name}${name === 'socket' ? '' : '-file'}=${folder}/munge.${file}`);
    slurm.#daemon('munged', ['munged', '--foreground', '--force', ...files]);
    await pause(1000);
    slurm.#daemon('slurmctld', ['slurmctld', '-D', '-c']);
    await pause(1000);
    for (const node of NODES) slurm.startNode(node);
    await slurm.#until('the nodes are up', () => slurm.nodes().every(({ state }) => /^(idle|mixed|alloc)/.test(state)));
    return slurm;
  }

  #daemon(name: string, [program, ...args]: readonly string[]): void {
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    this.#daemons.set(name, spawn(program, args, { env: this.env, stdio: ['ignore', log, log] }));
  }

  /** Runs one of Slurm's commands and gives what it prints. */
  command(program: string, ...args: string[]): string {
    return execFileSync(program, args, { env: this.env, encoding: 'utf8' }).trim();
  }

  startNode(node: Node): void {
    this.#daemon(node, ['slurmd', '-D', '-N', node]);
  }

  nodes(): { node: string; state: string }[] {
    return this.command('sinfo', '-N', '-h', '-o', '%N %T')
      .split('\n')
      .map((line) => line.split(' '))
      .map(([node, state]) => ({ node, state }));
  }

  /** Lines of an array's tasks that have not ended, each `task state node`. */
  queue(job: string): string[] {
    return this.command('squeue', '-h', '-r', '-j', job, '-o', '%K %T %N').split('\n').filter(Boolean);
  }

  /** The process ids of the job that runs on a node: of its script and of Slurm's daemon above it. A job's script writes them there first. */
  jobOn(node: string): { script: number; above: number } {
    const [script, above] = readFileSync(join(this.#folder, `${node}.job`), 'utf8')
      .split(' ')
      .map(Number);
    this.#jobs.add(script).add(above);
    return { script, above };
  }

  /** What a job's script begins with, for `jobOn`. */
  get firstLine(): string {
    return `echo "$$ $PPID" >"${this.#folder}/$SLURMD_NODENAME.job"`;
  }

  /** Ends a node as a loss of power would: its daemon, the one above the job and the job, by SIGKILL. */
  crash(node: Node): void {
    const { script, above } = this.jobOn(node);
    this.#daemons.get(node)?.kill('SIGKILL');
    for (const pid of [above, script]) process.kill(pid, 'SIGKILL');
  }

  /** Waits until something is so. @throws after three minutes. */
  async #until(what: string, isSo: () => boolean): Promise<void> {
    for (const end = performance.now() + 180_000; performance.now() < end; await pause(500)) {
      try {
        if (isSo()) return;
      } catch {
        // The controller does not answer yet.
      }
    }
    throw new Error(`It was waited in vain until ${what}.`);
  }

  async untilDown(node: Node): Promise<void> {
    await this.#until(`${node} is down`, () =>
      this.nodes().some((one) => one.node === node && /^down/.test(one.state)),
    );
  }

  /** Ends all that was started, jobs first. @throws where something stays. */
  async stop(): Promise<void> {
    try {
      this.command('scancel', '--full', '--signal=KILL', '--user=root');
    } catch {
      // The controller is gone, or never came.
    }
    for (const node of NODES) {
      try {
        this.jobOn(node);
      } catch {
        // No job ran there.
      }
    }
    const own = [...this.#daemons.values()].flatMap(({ pid }) => pid ?? []);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const daemon of [...this.#daemons.values()].reverse()) daemon.kill(signal);
      for (let n = 0; n < 20 && own.some(lives); n++) await pause(250);
    }
    for (let n = 0; n < 40 && [...this.#jobs].some(lives); n++) await pause(250);
    const left = [...own, ...this.#jobs].filter(lives);
    if (left.length > 0) throw new Error(`Processes that were started are still there: ${left.join(', ')}.`);
  }
}
