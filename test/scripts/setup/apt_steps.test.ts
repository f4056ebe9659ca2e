import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aptComplaints, aptSteps, BACKPORTS_FILE, manualCommands } from '../../../scripts/setup/apt_steps.mjs';

const entry = '# note\nTypes: deb\nURIs: http://site.example/debian\nSuites: bookworm-backports\nComponents: main\n';

describe('aptSteps', () => {
  it('installs the plain package where the system ships a new enough one', () => {
    expect(manualCommands(aptSteps(null), true)).toEqual([
      'sudo apt-get update',
      'sudo apt-get install --yes --no-install-recommends mesa-vulkan-drivers',
    ]);
  });

  it('adds no entry where the backports are there already', () => {
    expect(manualCommands(aptSteps({ codename: 'bookworm', entry: null }), false)).toEqual([
      'apt-get update',
      'apt-get install --yes --no-install-recommends -t bookworm-backports mesa-vulkan-drivers',
    ]);
  });

  it('writes the entry first, and says where', () => {
    const [first] = aptSteps({ codename: 'bookworm', entry });
    expect(first).toMatchObject({ file: { path: BACKPORTS_FILE, text: entry } });
    expect(first?.say).toContain(BACKPORTS_FILE);
  });

  it('lets only the installation decide', () => {
    expect(aptSteps(null).map((step) => 'mayFail' in step && step.mayFail === true)).toEqual([true, false]);
  });
});

describe('manualCommands', () => {
  it.skipIf(process.platform === 'win32')('prints a command that writes the file byte for byte when typed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-steps-'));
    try {
      const path = join(folder, "it's here.sources");
      const text = "Types: deb\nSigned-By:\n -----BEGIN 'KEY'-----\n .\n \\n%s $HOME\n";
      const [command] = manualCommands([{ say: '', file: { path, text } }], false);
      execFileSync('sh', ['-c', command!]);
      expect(readFileSync(path, 'utf8')).toBe(text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('aptComplaints', () => {
  it('keeps errors before warnings, each once', () => {
    const output = `Reading package lists...
W: Failed to fetch http://site.example/debian/dists/x  Could not connect
W: Failed to fetch http://site.example/debian/dists/x  Could not connect
E: Unable to locate package mesa-vulkan-drivers
`;
    expect(aptComplaints(output)).toEqual([
      'E: Unable to locate package mesa-vulkan-drivers',
      'W: Failed to fetch http://site.example/debian/dists/x  Could not connect',
    ]);
  });
});
