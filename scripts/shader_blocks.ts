// What shaders repeat, as each is a whole file: it must be alike in all of them, or it has been mended in one place alone.

/** A difference between two shaders, at the later of the two. */
export interface UnlikeBlock {
  file: string;
  line: number;
  message: string;
}

interface Block {
  file: string;
  line: number;
  /** Without comments and blanks. */
  text: string;
}

const bare = (code: string) =>
  code
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** The functions and structs of a shader, by their names; functions also by what they take and give. `main` and `Params` are each shader's own. */
function blocksOf(file: string, text: string): Map<string, Block> {
  const found = new Map<string, Block>();
  for (const match of text.matchAll(/^(?:fn \w+\([^{]*\{[^\n]*\}|(?:fn \w+\(|struct \w+ \{)[\s\S]*?\n\})$/gm)) {
    const [code] = match;
    const head = bare(code.slice(0, code.indexOf('{')));
    if (/^(fn main\(|struct Params\b)/.test(head)) continue;
    found.set(head, { file, line: lineOf(text, match.index), text: bare(code) });
  }
  return found;
}

/** The convolutions, of which all rungs and passes of one kind are told their sizes alike. */
const FAMILY = /^(.*conv2d)_/;

interface Params {
  file: string;
  line: number;
  fields: string[];
}

function paramsOf(file: string, text: string): Params | undefined {
  const match = /^struct Params \{([^}]*)\}/m.exec(text);
  if (match === null) return undefined;
  const fields = bare(match[1]).split(',');
  return { file, line: lineOf(text, match.index), fields: fields.map((field) => field.trim()).filter(Boolean) };
}

/** Fields that two structs share, in the order of the first. */
const shared = ({ fields }: Params, other: Params) => fields.filter((field) => other.fields.includes(field));

/**
 * What shaders repeat and have unlike: functions of one signature, structs of one name, and the fields that `Params` of the convolutions of one
 * kind share, which must stand in one order. shaders: texts by file.
 */
export function unlikeBlocks(shaders: ReadonlyMap<string, string>): UnlikeBlock[] {
  const unlike: UnlikeBlock[] = [];
  const blocks = new Map<string, Block>();
  const params = new Map<string, Params>();
  for (const [file, text] of shaders) {
    for (const [head, block] of blocksOf(file, text)) {
      const first = blocks.get(head) ?? block;
      blocks.set(head, first);
      if (first.text !== block.text) {
        unlike.push({ file, line: block.line, message: `'${head}' is not as in ${first.file}:${first.line}` });
      }
    }
    const family = FAMILY.exec(file)?.[1];
    const own = family === undefined ? undefined : paramsOf(file, text);
    if (family === undefined || own === undefined) continue;
    const first = params.get(family) ?? own;
    params.set(family, first);
    if (`${shared(own, first)}` !== `${shared(first, own)}`) {
      unlike.push({
        file,
        line: own.line,
        message: `the fields of Params are not in the order of ${first.file}:${first.line}`,
      });
    }
  }
  return unlike;
}
