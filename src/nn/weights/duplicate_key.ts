/**
 * The first name that an object of a JSON text gives twice, at any depth; JSON.parse would keep the last value and say nothing.
 * json: a text that JSON.parse has accepted.
 */
export function findDuplicateKey(json: string): string | undefined {
  // A set of names for each object that is open, none for a list.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    if (character !== '"') continue;
    const begin = at;
    for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
    const names = open.at(-1);
    let next = at + 1;
    while (' \t\n\r'.includes(json[next])) next++;
    // Only names are followed by a colon.
    if (names === undefined || json[next] !== ':') continue;
    const name: string = JSON.parse(json.slice(begin, at + 1));
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}
