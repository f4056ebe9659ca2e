import { ShaderError } from './errors.ts';

/** A storage buffer of a shader, as its WGSL declares it. */
export interface ShaderBinding {
  name: string;
  binding: number;
  access: 'read' | 'read_write';
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
}

/** How a shader of one's own is added. */
export interface AddShaderOptions {
  /** What errors call it, such as the path of its file. Default: its name. */
  file?: string;
  /** Take the place of a shader of that name, the engine's own included: what is dispatched from then on runs this one. Default false. */
  replace?: boolean;
}

const ALIAS = /^alias T = f32;$/m;

/** The types of a shader's elements in which its text makes sense: `f32` alone, and `vec4f` where it declares `alias T = f32;`. */
export function elementTypes(source: string): readonly string[] {
  return ALIAS.test(source) ? ['f32', 'vec4f'] : ['f32'];
}

/** The text of a shader for elements of a type. Throws Error for another than `f32` where it does not declare `alias T = f32;`. */
export function withElementType(name: string, source: string, type: string): string {
  if (type === 'f32') return source;
  if (!ALIAS.test(source)) throw new Error(`shaders/${name}.wgsl has no line 'alias T = f32;' for a type to stand in.`);
  return source.replace(ALIAS, `alias T = ${type};`);
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
    /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>\s*(\w+)\s*:/g,
  )) {
    bindings.push({ binding: Number(match[1]), access: match[2] as 'read' | 'read_write', name: match[3] });
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
  };
}
