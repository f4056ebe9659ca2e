import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { archiveMembers, makeArchive } from '../../test/data/sources/synthetic_cifar.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const MAIN = here('../../src/lab/cli/main.ts');

/** Work that is ended before its time, begun again, and compared with what it leaves undisturbed. */
export interface Victim {
  name: string;
  /** Arguments of Node.js that begin it in a folder, or go on with what is there. */
  args(folder: string): string[];
  /** What it left, but for times. Throws where something is half-written. */
  result(folder: string): string;
}

const SMALL = ['--data', 'mnist', '--test-per-class', '2'];

/** Files of a folder and below it that hold the end of their names. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** Everything but times: of results.json and of files that hold none. */
function withoutTimes(folder: string): string {
  const files = filesBelow(folder).filter((path) => !path.includes(`${join(folder, 'cache')}`));
  const partial = files.filter((path) => path.includes('.partial') || path.endsWith('lock.json'));
  if (partial.length > 0) throw new Error(`${partial[0]} was left behind.`);
  return files
    .filter((path) => /(results|weights.*)\.(json|csv|safetensors)$/.test(path))
    .map((path) => {
      const bytes = readFileSync(path);
      if (!path.endsWith('.json')) return digest(bytes);
      return digest(
        JSON.stringify(JSON.parse(bytes.toString()), (key, value) => (key === 'timings' ? undefined : value)),
      );
    })
    .join(' ');
}

const digest = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** The newest folder of runs of the lab; undefined where there is none yet. */
function runIn(folder: string): string | undefined {
  const runs = join(folder, 'runs');
  try {
    const [name] = readdirSync(runs).filter((run) => readdirSync(join(runs, run)).includes('results.json'));
    return name === undefined ? undefined : join(runs, name);
  } catch {
    return undefined;
  }
}

function lab(experiment: string): Victim {
  return {
    name: `lab ${experiment}`,
    args(folder) {
      const begun = runIn(folder);
      const how = begun
        ? ['--resume', begun]
        : [experiment, '--preset', 'smoke', ...SMALL, '--out', join(folder, 'runs')];
      return ['--import', 'tsx', MAIN, 'lab', ...how];
    },
    // A run that was killed before its results.json stays as an empty folder.
    result: (folder) => withoutTimes(runIn(folder) ?? folder),
  };
}

const TRAIN = ['--width', '0.0625', '--max-per-class', '24', '--epochs', '4', '--batch-size', '16'];

const train: Victim = {
  name: 'train',
  args: (folder) => [
    '--import',
    'tsx',
    MAIN,
    'train',
    ...SMALL,
    ...TRAIN,
    '--log',
    'jsonl',
    '--into',
    join(folder, 'run'),
  ],
  result: (folder) => withoutTimes(join(folder, 'run')),
};

const sweep: Victim = {
  name: 'sweep',
  args(folder) {
    const study = join(folder, 'study.json');
    const base = { model: 'custom-cnn', width: 0.0625, epochs: 2, batchSize: 16 };
    const about = { data: 'mnist', maxPerClass: 16, testPerClass: 2, base, grid: { loss: ['ce', 'focal'] } };
    writeFileSync(study, JSON.stringify(about));
    return ['--import', 'tsx', MAIN, 'sweep', study, '--into', join(folder, 'study')];
  },
  result: (folder) => withoutTimes(join(folder, 'study')),
};

/** Serves a small archive slowly, so that a kill meets the download. Returns the victim that fetches it, and how to end the server. */
export async function downloadVictim(folder: string): Promise<{ victim: Victim; close(): void }> {
  const { bytes, md5 } = await makeArchive(join(folder, 'archive.tar.gz'), archiveMembers());
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    const part = Math.ceil(bytes.length / 20);
    for (let at = 0; at < bytes.length && !response.destroyed; at += part) {
      response.write(bytes.subarray(at, at + part));
      await pause(50);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`;
  const cache = (own: string) => join(own, 'downloads');
  const victim: Victim = {
    name: 'download',
    args: (own) => ['--import', 'tsx', here('download.ts'), url, md5, cache(own)],
    // What a kill left is removed by a later process once it is a day old.
    result: (own) =>
      filesBelow(cache(own))
        .filter((path) => !path.includes('.partial-'))
        .map((path) => digest(readFileSync(path)))
        .join(' '),
  };
  return { victim, close: () => server.close() };
}

/** All that leaves results. */
export const VICTIMS: readonly Victim[] = [train, sweep, lab('ps3'), lab('ps6')];
