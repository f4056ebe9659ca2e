// Runs the very steps of the Containerfile without a container engine: in a bare Debian 13 that mmdebstrap makes, by chroot; then the image's own command
// and a smoke run of the lab in it, not as root.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMirror, parseSources, parseStanzas } from '../setup/apt_sources.mjs';
import { type Image, parseContainerfile, stepsOf } from './containerfile.ts';

/** What the test ends with where it cannot run: no failure. */
const NOT_RUN = 77;
const RELEASE = 'trixie';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const project = fileURLToPath(new URL('../..', import.meta.url));
const started = performance.now();
const say = (text: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);

/** Why the test cannot run here; undefined where it can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  if (spawnSync('which', ['mmdebstrap']).status !== 0)
    return 'mmdebstrap is not installed (apt-get install mmdebstrap)';
  return mirror() === undefined ? "apt knows no mirror of Debian's here" : undefined;
}

/** The address of the mirror that this machine takes Debian's packages from. */
function mirror(): string | undefined {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? RELEASE;
  const targets = parseStanzas(execFileSync('apt-get', ['indextargets'], { encoding: 'utf8' }));
  const folder = '/etc/apt/sources.list.d';
  const sources = readdirSync(folder).flatMap((name) => parseSources(name, readFileSync(join(folder, name), 'utf8')));
  return findMirror(targets, sources, codename).mirror?.uri;
}

/** What stands around a command in the root: where npm takes packages from, and whose certificates count, are this machine's. */
function surroundings(root: string): Record<string, string> {
  const env: Record<string, string> = {
    PATH,
    npm_config_registry: execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim(),
  };
  const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
  if (certificates) {
    copyFileSync(certificates, join(root, 'tmp', 'certificates.pem'));
    env.NODE_EXTRA_CA_CERTS = '/tmp/certificates.pem';
  }
  return env;
}

/** Files of a folder by a pattern with asterisks. */
function filesLike(pattern: string, folder: string): string[] {
  const fits = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return readdirSync(folder).filter((name) => fits.test(name));
}

/** Runs a command in the root. @throws where it fails. */
function inRoot(
  root: string,
  command: readonly string[],
  { user, env, folder }: Omit<Image, 'base' | 'command'>,
): string {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const { status, stdout, stderr } = spawnSync(
    'chroot',
    [`--userspec=${user}`, root, '/usr/bin/env', `--chdir=${folder}`, ...command],
    { encoding: 'utf8', env: { HOME: home, ...env }, maxBuffer: 2 ** 28 },
  );
  if (status === 0) return stdout;
  throw new Error(`${command.join(' ')} ended with ${status}:\n${`${stdout}${stderr}`.slice(-2000)}`);
}

function test(root: string, mounts: string[]): void {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', join(root, '..')], { cwd: project, stdio: 'ignore' });
  say('The package is packed.');
  execFileSync('mmdebstrap', ['--variant=minbase', RELEASE, root, mirror() ?? ''], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  say('A bare Debian 13 is there.');
  for (const [type, name] of [
    ['proc', 'proc'],
    ['sysfs', 'sys'],
  ]) {
    execFileSync('mount', ['-t', type, type, join(root, name)]);
    mounts.push(join(root, name));
  }
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  const { steps, image } = stepsOf(parseContainerfile(readFileSync(join(project, 'Containerfile'), 'utf8')));
  if (!/^debian:trixie(-slim)?$/.test(image.base))
    throw new Error(`The Containerfile begins from ${image.base}, not from Debian 13.`);
  const around = surroundings(root);
  for (const step of steps) {
    if ('copy' in step) {
      mkdirSync(join(root, step.to), { recursive: true });
      for (const file of step.copy.flatMap((pattern) => filesLike(pattern, join(root, '..')))) {
        cpSync(join(root, '..', file), join(root, step.to, basename(file)));
      }
      continue;
    }
    inRoot(root, ['sh', '-c', step.run], { user: step.user, env: { ...around, ...step.env }, folder: '/' });
    say(`RUN ${step.run.slice(0, 60)} …`);
  }
  const here = { ...image, env: { PATH, ...image.env } };
  if (inRoot(root, ['id', '-u'], here).trim() === '0') throw new Error('The image runs as root.');
  say(
    `${image.command.join(' ')}, as ${image.user}:\n${inRoot(root, image.command, here)
      .split('\n')
      .filter((line) => /llvmpipe|lab can run/.test(line))
      .join('\n')}`,
  );
  const lab = [image.command[0], 'lab', 'ps1', '--preset', 'smoke', '--data', 'mnist', '--into', 'runs/smoke'];
  inRoot(root, lab, here);
  say(`${lab.join(' ')}: done.`);
  const again = inRoot(root, lab, here).trim();
  say(again);
  if (again !== 'runs/smoke: done before.') throw new Error('What was done was not found.');
}

const reason = obstacle();
if (reason !== undefined) {
  console.log(`The test of the container did not run: ${reason}.`);
  process.exit(NOT_RUN);
}
const parent = mkdtempSync(join(tmpdir(), 'wgrad-container-'));
const root = join(parent, 'root');
const mounts: string[] = [];
try {
  test(root, mounts);
} finally {
  for (const mount of mounts.reverse()) execFileSync('umount', [mount]);
  rmSync(parent, { recursive: true });
}
