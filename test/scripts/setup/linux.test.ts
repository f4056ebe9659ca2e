import { describe, expect, it } from 'vitest';
import { chooseDriverPlan, parseOsRelease } from '../../../scripts/setup/linux.mjs';

const debian12 = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
`;

describe('parseOsRelease', () => {
  it('takes quotes off, keeps bare words and skips comments', () => {
    const fields = parseOsRelease(`# a comment\n${debian12}EMPTY=\nQUOTED='a "b"'\nESCAPED="5 \\$"\n`);
    expect(fields).toMatchObject({
      PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)',
      VERSION_ID: '12',
      ID: 'debian',
      EMPTY: '',
      QUOTED: 'a "b"',
      ESCAPED: '5 $',
    });
  });
});

describe('chooseDriverPlan', () => {
  it('takes the driver from the backports on Debian 12', () => {
    expect(chooseDriverPlan(parseOsRelease(debian12), true)).toEqual({ kind: 'backports', codename: 'bookworm' });
  });

  it('does so on a derivative that names bookworm as its base', () => {
    const release = {
      ID: 'linuxmint',
      ID_LIKE: 'debian',
      VERSION_ID: '6',
      VERSION_CODENAME: 'faye',
      DEBIAN_CODENAME: 'bookworm',
    };
    expect(chooseDriverPlan(release, true)).toEqual({ kind: 'backports', codename: 'bookworm' });
  });

  it.each<Record<string, string>>([
    { ID: 'debian', VERSION_ID: '13', VERSION_CODENAME: 'trixie' },
    { ID: 'debian', VERSION_CODENAME: 'forky' },
    { ID: 'ubuntu', VERSION_ID: '24.04', VERSION_CODENAME: 'noble' },
    { ID: 'ubuntu', VERSION_ID: '26.04' },
    { ID: 'pop', ID_LIKE: 'ubuntu debian', VERSION_ID: '22.04' },
  ])('takes the package of the system itself on $ID $VERSION_ID', (release) => {
    expect(chooseDriverPlan(release, true)).toEqual({ kind: 'package' });
  });

  it.each([
    { ID: 'debian', VERSION_ID: '11', PRETTY_NAME: 'Debian GNU/Linux 11 (bullseye)' },
    { ID: 'ubuntu', VERSION_ID: '22.04', PRETTY_NAME: 'Ubuntu 22.04.5 LTS' },
  ])('gives up on $PRETTY_NAME and names the oldest release that will do', (release) => {
    const plan = chooseDriverPlan(release, true);
    expect(plan.kind).toBe('impossible');
    const message = plan.kind === 'impossible' ? plan.message : '';
    expect(message).toContain(release.PRETTY_NAME);
    expect(message).toContain(release.ID === 'debian' ? 'Debian 12' : 'Ubuntu 24.04');
  });

  it.each<[Record<string, string>, string]>([
    [{ ID: 'fedora', PRETTY_NAME: 'Fedora Linux 42' }, 'mesa-vulkan-drivers and vulkan-loader'],
    [{ ID: 'manjaro', ID_LIKE: 'arch' }, 'vulkan-swrast'],
    [{ ID: 'opensuse-leap', ID_LIKE: 'suse opensuse' }, 'libvulkan_lvp'],
    [{ ID: 'alpine' }, 'glibc'],
    [{}, 'Mesa'],
  ])('says which packages are needed where there is no apt: %j', (release, text) => {
    const plan = chooseDriverPlan(release, false);
    expect(plan).toMatchObject({ kind: 'impossible', message: expect.stringContaining(text) });
    expect(plan).toMatchObject({ message: expect.stringContaining('version 25 or newer') });
  });
});
