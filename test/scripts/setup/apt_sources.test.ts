import { describe, expect, it } from 'vitest';
import { backportsEntry, findMirror, parseSources, parseStanzas } from '../../../scripts/setup/apt_sources.mjs';

const targetsText = `MetaKey: main/binary-amd64/Packages
Codename: bookworm
Origin: Other Vendor
Component: main
Created-By: Packages
Release: bookworm
Repo-URI: http://vendor.example/debian/

MetaKey: main/binary-amd64/Packages
Codename: bookworm
Origin: Debian
Suite: oldstable
Component: main
Created-By: Packages
Fallback-Of: 
Release: oldstable
Repo-URI: http://site.example/debian/
Site: http://site.example/debian
`;

const deb822 = `# the release itself
Types: deb deb-src
URIs: http://site.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://site.example/debian-security
Suites: bookworm-security
Components: main
`;

const oneLine = `# deb http://off.example/debian bookworm main
deb-src http://site.example/debian bookworm main
deb [ arch=amd64,arm64 signed-by=/etc/apt/keyrings/debian.gpg ] http://site.example/debian/ bookworm main contrib # note
`;

describe('parseStanzas', () => {
  it('reads fields in any case, continued values and comments between stanzas', () => {
    const text = 'types: deb\nSIGNED-BY:\n -----BEGIN KEY-----\n .\n abc\n# comment\nSuites: x\n\n\nTypes: deb-src\n';
    expect(parseStanzas(text)).toEqual([
      { types: 'deb', 'signed-by': '\n -----BEGIN KEY-----\n .\n abc', suites: 'x' },
      { types: 'deb-src' },
    ]);
  });
});

describe('parseSources', () => {
  it('reads .sources files without what is switched off', () => {
    const entries = parseSources(
      'debian.sources',
      `${deb822}\nTypes: deb\nEnabled: no\nURIs: http://off.example/debian\n`,
    );
    expect(entries.map((entry) => entry.uris)).toEqual([
      'http://site.example/debian',
      'http://site.example/debian-security',
    ]);
  });

  it('reads .list files with options, without comments and sources of source code', () => {
    expect(parseSources('sources.list', oneLine)).toEqual([
      {
        types: 'deb',
        uris: 'http://site.example/debian/',
        suites: 'bookworm',
        components: 'main contrib',
        architectures: 'amd64 arm64',
        'signed-by': '/etc/apt/keyrings/debian.gpg',
      },
    ]);
  });
});

describe('findMirror', () => {
  it("takes Debian's own mirror by its origin, whatever name of the release the source uses", () => {
    const sources = parseSources('debian.sources', deb822);
    const found = findMirror(parseStanzas(targetsText), sources, 'bookworm');
    expect(found).toEqual({ hasBackports: false, mirror: { uri: 'http://site.example/debian/', entry: sources[0] } });
  });

  it('sees backports that apt knows already', () => {
    const targets = parseStanzas(
      `${targetsText}\nCodename: bookworm-backports\nOrigin: Debian Backports\nComponent: main\n`,
    );
    expect(findMirror(targets, [], 'bookworm').hasBackports).toBe(true);
  });

  it('sees backports whose lists were not read yet', () => {
    const sources = parseSources('a.list', 'deb http://site.example/debian bookworm-backports main');
    expect(findMirror([], sources, 'bookworm').hasBackports).toBe(true);
  });

  it('does without index targets, and passes over other vendors and local media', () => {
    const sources = parseSources(
      'sources.list',
      `deb cdrom:[Debian_12]/ bookworm main
deb http://vendor.example/tools bookworm main
deb http://other.example/debian bookworm stable
deb http://site.example/debian stable main`,
    );
    expect(findMirror([], sources, 'bookworm').mirror?.uri).toBe('http://site.example/debian');
  });

  it('finds none where only local media are named', () => {
    const sources = parseSources('sources.list', 'deb cdrom:[Debian_12]/ bookworm main');
    expect(findMirror([], sources, 'bookworm').mirror).toBeNull();
  });
});

describe('backportsEntry', () => {
  it('keeps how the mirror is signed, so that the entry reads back as a full one', () => {
    const { mirror } = findMirror([], parseSources('sources.list', oneLine), 'bookworm');
    const entry = backportsEntry('bookworm', mirror!);
    expect(parseSources('wgrad-backports.sources', entry)).toEqual([
      {
        types: 'deb',
        uris: 'http://site.example/debian/',
        suites: 'bookworm-backports',
        components: 'main',
        architectures: 'amd64 arm64',
        'signed-by': '/etc/apt/keyrings/debian.gpg',
      },
    ]);
  });

  it('carries a key that is written out in the entry', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc=\n -----END PGP PUBLIC KEY BLOCK-----';
    const entry = backportsEntry('bookworm', { uri: 'http://site.example/debian', entry: { 'signed-by': key } });
    expect(parseStanzas(entry)[0]?.['signed-by']).toBe(key);
  });
});
