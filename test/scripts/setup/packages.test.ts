import { describe, expect, it } from 'vitest';
import { reasonToInstall } from '../../../scripts/setup/packages.mjs';

const machine = { os: 'linux', cpu: 'x64', exists: () => true };

function lock() {
  return {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/plot': { version: '1.2.3', integrity: 'sha512-aaa' },
      'node_modules/plot/node_modules/inner': { version: '2.0.0', integrity: 'sha512-bbb' },
      'node_modules/native-linux': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
      'node_modules/native-darwin': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
    },
  };
}

function installed(): { packages: Record<string, { version?: string; integrity?: string; os?: string[] }> } {
  const { '': _root, 'node_modules/native-darwin': _other, ...packages } = lock().packages;
  return { packages };
}

describe('reasonToInstall', () => {
  it('finds nothing to do when all that this machine needs is there', () => {
    expect(reasonToInstall(lock(), installed(), machine)).toBeNull();
  });

  it('asks for an installation when node_modules is missing', () => {
    expect(reasonToInstall(lock(), null, machine)).toContain('missing');
  });

  it('names a package that the lock file added', () => {
    const without = installed();
    delete without.packages['node_modules/plot/node_modules/inner'];
    expect(reasonToInstall(lock(), without, machine)).toBe('inner is not installed');
  });

  it('names both versions when one changed', () => {
    const other = installed();
    other.packages['node_modules/plot'] = { version: '1.2.2', integrity: 'sha512-old' };
    expect(reasonToInstall(lock(), other, machine)).toBe('plot is 1.2.2 and package-lock.json names 1.2.3');
  });

  it('notices the same version with other content', () => {
    const other = installed();
    other.packages['node_modules/plot'] = { version: '1.2.3', integrity: 'sha512-zzz' };
    expect(reasonToInstall(lock(), other, machine)).toContain('plot differs');
  });

  it('notices a package whose folder was deleted', () => {
    const exists = (path: string) => path !== 'node_modules/plot/package.json';
    expect(reasonToInstall(lock(), installed(), { ...machine, exists })).toBe('plot is not installed');
  });

  it('notices node_modules that came from another system', () => {
    expect(reasonToInstall(lock(), installed(), { ...machine, os: 'darwin' })).toContain('another kind of machine');
    expect(reasonToInstall(lock(), installed(), { ...machine, cpu: 'arm64' })).toContain('another kind of machine');
  });

  it('reads a leading ! as npm does', () => {
    const other = installed();
    other.packages['node_modules/plot'] = { version: '1.2.3', os: ['!win32'] };
    expect(reasonToInstall(lock(), other, machine)).toBeNull();
    other.packages['node_modules/plot'] = { version: '1.2.3', os: ['!linux'] };
    expect(reasonToInstall(lock(), other, machine)).toContain('another kind of machine');
  });
});
