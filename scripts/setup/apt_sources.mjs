/**
 * A place apt fetches packages from: a stanza of a `.sources` file, or a line of a `.list` file, as field names, in lower case because apt tells no
 * case apart, and values.
 * @typedef {Record<string, string>} Stanza
 */

/** A mirror's address, and the entry that names it, empty where it was not found. @typedef {{ uri: string, entry: Stanza }} Mirror */

/**
 * Reads stanzas of `Field: value` lines, separated by empty lines, as `apt-get indextargets` prints them and `.sources` files
 * hold them (deb822). Lines that begin with white space continue the value; comments are dropped.
 *
 * @param {string} text
 * @returns {Stanza[]}
 */
export function parseStanzas(text) {
  /** @type {Stanza[]} */
  const stanzas = [];
  /** @type {Stanza} */
  let stanza = {};
  let field = '';
  const close = () => {
    if (Object.keys(stanza).length > 0) stanzas.push(stanza);
    stanza = {};
    field = '';
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      close();
    } else if (/^\s/.test(line) && field !== '') {
      stanza[field] += `\n${line.trimEnd()}`;
    } else {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      field = line.slice(0, colon).trim().toLowerCase();
      stanza[field] = line.slice(colon + 1).trim();
    }
  }
  close();
  return stanzas;
}

/**
 * Reads the one-line form of sources.list(5), `deb [option=value …] URI suite component …`, into the fields of the other form.
 *
 * @param {string} text
 * @returns {Stanza[]}
 */
function parseOneLineSources(text) {
  /** @type {Record<string, string>} */
  const fieldOf = { arch: 'architectures', 'signed-by': 'signed-by', trusted: 'trusted' };
  /** @type {Stanza[]} */
  const stanzas = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const [, type, options = '', uri, suite, components] = match;
    /** @type {Stanza} */
    const stanza = { types: type, uris: uri, suites: suite, components: components.trim() };
    for (const option of options.split(/\s+/)) {
      const equals = option.indexOf('=');
      const field = fieldOf[option.slice(0, equals)];
      if (equals > 0 && field) stanza[field] = option.slice(equals + 1).replaceAll(',', ' ');
    }
    stanzas.push(stanza);
  }
  return stanzas;
}

/**
 * Reads one file of apt's sources, in the form that its name says.
 *
 * @param {string} name
 * @param {string} text
 * @returns {Stanza[]} the entries that are switched on
 */
export function parseSources(name, text) {
  const stanzas = name.endsWith('.sources') ? parseStanzas(text) : parseOneLineSources(text);
  return stanzas.filter((stanza) => words(stanza.types).includes('deb') && stanza.enabled !== 'no');
}

/**
 * Finds where the machine gets a Debian release from, and whether it has the backports of that release already.
 *
 * apt's index targets tell whose a mirror is, but there are none before the first `apt-get update`, as in images of containers; then
 * the entries decide by themselves. Other vendors name their suites after Debian's releases too, so the suite alone says little.
 *
 * @param {Stanza[]} targets what `apt-get indextargets` prints
 * @param {Stanza[]} sources the entries of all of apt's source files
 * @param {string} codename the release, for example bookworm
 * @returns {{ hasBackports: boolean, mirror: Mirror | null }}
 */
export function findMirror(targets, sources, codename) {
  const backports = `${codename}-backports`;
  const hasBackports =
    targets.some((target) => target.component === 'main' && [target.release, target.codename].includes(backports)) ||
    sources.some((entry) => words(entry.suites).includes(backports) && words(entry.components).includes('main'));

  const target = targets.find(
    ({ origin, codename: name, component, 'repo-uri': uri }) =>
      origin === 'Debian' && name === codename && component === 'main' && uri !== undefined && isRemote(uri),
  );
  if (target) {
    const uri = target['repo-uri'];
    const entry = sources.find((source) => words(source.uris).some((other) => withSlash(other) === withSlash(uri)));
    return { hasBackports, mirror: { uri, entry: entry ?? {} } };
  }

  const mirrors = sources
    .filter((entry) => words(entry.components).includes('main'))
    .flatMap((entry) => words(entry.uris).map((uri) => ({ uri, entry })))
    .filter(({ uri }) => isRemote(uri));
  const serves = (/** @type {Mirror} */ mirror, /** @type {string[]} */ suites) =>
    words(mirror.entry.suites).some((suite) => suites.includes(suite));
  const debian = mirrors.filter(({ uri }) => /\/debian\/?$/.test(uri));
  const mirror =
    debian.find((candidate) => serves(candidate, [codename, 'stable', 'oldstable', 'oldoldstable'])) ??
    mirrors.find((candidate) => serves(candidate, [codename])) ??
    null;
  return { hasBackports, mirror };
}

/**
 * Writes the sources entry for the backports of a release: the mirror's address and how it is signed are those of the entry that the
 * machine has for the release itself.
 *
 * @param {string} codename
 * @param {Mirror} mirror
 * @returns {string} the content of a `.sources` file
 */
export function backportsEntry(codename, mirror) {
  const lines = [
    '# Written by wgrad for a Vulkan driver that is new enough. apt takes a package from here only when asked to.',
    'Types: deb',
    `URIs: ${mirror.uri}`,
    `Suites: ${codename}-backports`,
    'Components: main',
  ];
  for (const field of ['Architectures', 'Signed-By', 'Trusted']) {
    const value = mirror.entry[field.toLowerCase()];
    // A key written out in the entry itself begins on the line after the field's name.
    if (value) lines.push(value.startsWith('\n') ? `${field}:${value}` : `${field}: ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** @param {string | undefined} list */
function words(list) {
  return (list ?? '').split(/\s+/).filter(Boolean);
}

/** @param {string} uri */
function isRemote(uri) {
  return !/^(cdrom|file|copy):/.test(uri);
}

/** @param {string} uri */
function withSlash(uri) {
  return uri.endsWith('/') ? uri : `${uri}/`;
}
