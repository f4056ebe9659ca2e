import { ShaderError } from './errors.ts';

/** A storage buffer of a shader, as its WGSL declares it. */
export interface ShaderBinding {
  name: string;
  binding: number;
  access: 'read' | 'read_write';
  /** Declared by E: it may be stored in half precision. */
  open: boolean;
}

export interface ShaderParam {
  name: string;
  type: 'u32' | 'i32' | 'f32';
}

/** What a WGSL file says of itself: enough to bind and call it by name. */
export interface ShaderInterface {
  bindings: ShaderBinding[];
  /** Fields of the uniform struct, in order, four bytes each; empty where there is none. */
  params: ShaderParam[];
  /** Invocations of a workgroup in each dimension: a number, or the override or constant that says it. */
  workgroup: readonly (number | string)[];
  /** Its `const NAME = 16u;`, by name: what a grid must know of how the shader cuts its work. */
  constants: Readonly<Record<string, number>>;
  needsSubgroups: boolean;
  /** Whether this is the version whose E is a half-precision number. */
  halves: boolean;
}

/** How a shader of one's own is added. */
export interface AddShaderOptions {
  /** What errors call it, such as the path of its file. Default: its name. */
  file?: string;
  /** Take the place of a shader of that name, the engine's own included: what is dispatched from then on runs this one. Default false. */
  replace?: boolean;
}

/**
 * What a shader computes with, T, and how elements are stored in memory, E. It converts what it loads from an array of E, and what it stores there, and
 * so takes half-precision arrays as they are, while its arithmetic stays in float32.
 */
const ALIAS = { T: /^alias T = f32;$/m, E: /^alias E = f32;.*$/m };

/** The types of elements that a shader may be compiled for, by what stands for its T and for its E. */
const ELEMENT_TYPES: Readonly<Record<string, { T: string; E: string }>> = {
  vec4f: { T: 'vec4f', E: 'vec4f' },
  f16: { T: 'f32', E: 'f16' },
  vec4h: { T: 'vec4f', E: 'vec4h' },
};

/**
 * The types of a shader's elements in which its text makes sense: `f32`, and `vec4f` where it declares `alias T = f32;`, and the same in half precision,
 * `f16` and `vec4h`, where it declares `alias E = f32;`.
 */
export function elementTypes(source: string): readonly string[] {
  const [open, stored] = [ALIAS.T.test(source), ALIAS.E.test(source)];
  return ['f32', ...(open ? ['vec4f'] : []), ...(stored ? ['f16'] : []), ...(open && stored ? ['vec4h'] : [])];
}

/** The text of a shader for elements of a type. Throws Error for one that it has no alias for. */
export function withElementType(name: string, source: string, type: string): string {
  if (type === 'f32') return source;
  const set = ELEMENT_TYPES[type];
  for (const alias of ['T', 'E'] as const) {
    const isNeeded = alias === 'T' ? set.T !== 'f32' : type !== 'vec4f';
    if (!isNeeded || ALIAS[alias].test(source)) continue;
    throw new Error(`shaders/${name}.wgsl has no line 'alias ${alias} = f32;' for a type to stand in.`);
  }
  const text = source.replace(ALIAS.T, `alias T = ${set.T};`).replace(ALIAS.E, `alias E = ${set.E};`);
  // Before the first line rather than in one of its own, so that messages name the lines of the file.
  return type === 'vec4f' ? text : `enable f16;${text}`;
}

const halfVersions = new Map<string, string>();

/** The name of a shader's version in half precision. */
export function halfVersion(shader: string): string {
  let name = halfVersions.get(shader);
  if (name === undefined) {
    name = shader.endsWith('<vec4f>') ? shader.replace('<vec4f>', '<vec4h>') : `${shader}<f16>`;
    halfVersions.set(shader, name);
  }
  return name;
}

/**
 * The text of a shader with other values of some of its constants, each of which stands in a line of its own: `const NAME = 64u;`. Sizes of arrays need
 * constants, as an `override` may size nothing but workgroup memory. Throws ShaderError for a name that the text does not declare so.
 */
export function withConstants(file: string, source: string, constants: Readonly<Record<string, number>>): string {
  let text = source;
  for (const [name, value] of Object.entries(constants)) {
    const declared = new RegExp(`^(const ${name}\\s*(?::\\s*u32\\s*)?=\\s*)\\d+(u?\\s*;)`, 'm');
    if (!declared.test(text)) throw new ShaderError(`${file}: it has no line 'const ${name} = …u;' to be set.`);
    text = text.replace(declared, (_, before: string, after: string) => `${before}${value}${after}`);
  }
  return text;
}

/** Most bytes of a shader's params: a slot of the uniform buffer. A binding may begin at any multiple of 256 bytes on every adapter. */
export const PARAM_BYTES = 256;

/**
 * Reads the interface of a shader from its text. file: what errors call it. The house form: storage buffers in group 0, declared one a line; at most one uniform, alone in
 * group 1 at binding 0, whose struct holds scalars only (so its layout is its order) and fits a slot of the uniform buffer.
 * Throws ShaderError where it departs from it.
 */
export function parseShader(file: string, source: string): ShaderInterface {
  const code = source.replace(/\/\/.*$/gm, '');
  const bindings: ShaderBinding[] = [];
  for (const match of code.matchAll(
    /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>\s*(\w+)\s*:([^;]*)/g,
  )) {
    const [, binding, access, name, type] = match;
    const open = /\barray<\s*(?:vec4<\s*)?E\b/.test(type);
    bindings.push({ binding: Number(binding), access: access as 'read' | 'read_write', name, open });
  }
  for (const [declared] of code.matchAll(/[^;{}]*\bvar<storage\b[^;]*/g)) {
    if (bindings.some(({ name }) => new RegExp(`>\\s*${name}\\s*:`).test(declared))) continue;
    throw new ShaderError(
      `${file}: '${declared.trim().replace(/\s+/g, ' ')}' must read '@group(0) @binding(K) var<storage, read or read_write> NAME: array<…>'.`,
    );
  }
  const [uniform, another] = code.matchAll(/@group\((\d+)\)\s*@binding\((\d+)\)\s*var<uniform>\s*\w+\s*:\s*(\w+)\s*;/g);
  const params: ShaderParam[] = [];
  if (uniform) {
    if (another || uniform[1] !== '1' || uniform[2] !== '0') {
      throw new ShaderError(`${file}: a shader has one uniform at most, declared @group(1) @binding(0).`);
    }
    const body = code.match(new RegExp(`struct\\s+${uniform[3]}\\s*\\{([^}]*)\\}`))?.[1] ?? '';
    for (const field of body.split(',')) {
      const parts = field.trim().match(/^(\w+)\s*:\s*(u32|i32|f32)$/);
      if (parts) params.push({ name: parts[1], type: parts[2] as ShaderParam['type'] });
      else if (field.trim() !== '') {
        throw new ShaderError(`${file}: the uniform struct may hold u32, i32 and f32 only, not '${field.trim()}'.`);
      }
    }
  }
  if (params.length * 4 > PARAM_BYTES) {
    throw new ShaderError(
      `${file}: its params take ${params.length * 4} bytes, more than the ${PARAM_BYTES} there are for a dispatch; put them into an array.`,
    );
  }
  const constants = Object.fromEntries(
    [...code.matchAll(/^const\s+(\w+)\s*(?::\s*u32\s*)?=\s*(\d+)u?\s*;/gm)].map(([, key, value]) => [
      key,
      Number(value),
    ]),
  );
  if (!/@compute\b[^{]*\bfn\s+main\s*\(/.test(code))
    throw new ShaderError(`${file}: it has no '@compute @workgroup_size(…) fn main(…)'.`);
  const sizes = code.match(/@workgroup_size\(([^)]*)\)/)?.[1].split(',') ?? [];
  const workgroup = sizes.map((size) => (/^\s*\d+u?\s*$/.test(size) ? Number.parseInt(size, 10) : size.trim()));
  return {
    bindings,
    params,
    workgroup,
    constants,
    needsSubgroups: /enable\s+subgroups\s*;/.test(code),
    halves: /enable\s+f16\s*;/.test(code),
  };
}
