import { DeviceError, ShaderError } from './errors.ts';
import { type AddShaderOptions, parseShader, type ShaderInterface, withConstants, withElementType } from './shader.ts';

/** A shader compiled with one set of constants. */
export interface Kernel {
  id: number;
  shader: string;
  io: ShaderInterface;
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Invocations of a workgroup. */
  workgroupSize: number;
}

/** Values of a shader's overrides and of its constants, by name. */
type Constants = Readonly<Record<string, number>>;

interface LoadedShader {
  io: ShaderInterface;
  source: string;
  module: GPUShaderModule;
  layout: GPUBindGroupLayout;
  pipelineLayout: GPUPipelineLayout;
  /** What was compiled of it: a few, so that to compare constants costs less than to make a key of them, which would take a third of a dispatch. */
  variants: { constants: Constants; kernel: Kernel }[];
}

const NO_CONSTANTS: Constants = {};

function areAlike(some: Constants, others: Constants): boolean {
  for (const name in some) if (some[name] !== others[name]) return false;
  for (const name in others) if (!(name in some)) return false;
  return true;
}

function labelOf(shader: string, constants: Constants): string {
  let label = shader;
  for (const name in constants) label += `;${name}=${constants[name]}`;
  return label;
}

/** Those of the names that the shader declares as `const`, and the others, its overrides. */
function divided(
  { constants: declared }: ShaderInterface,
  constants: Constants,
): [own: Constants, overrides: Constants] {
  const [own, overrides]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const name in constants) (name in declared ? own : overrides)[name] = constants[name];
  return [own, overrides];
}

const valuesOf = (constants: Constants) =>
  Object.entries(constants)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');

/** Invocations of a workgroup, of which overrides and constants may say a part. */
function workgroupSizeOf(
  shader: string,
  { workgroup, constants: declared }: ShaderInterface,
  given: Constants,
): number {
  let size = 1;
  for (const part of workgroup) {
    const value = typeof part === 'number' ? part : (given[part] ?? declared[part]);
    if (value === undefined) throw new Error(`shaders/${shader}.wgsl: its workgroup's size, ${part}, was not given.`);
    size *= value;
  }
  return size;
}

/** The first error of the compiler's: its place, what is wrong, and the line itself; undefined where there is none. */
async function firstError(module: GPUShaderModule, file: string, source: string): Promise<string | undefined> {
  const { messages } = await module.getCompilationInfo();
  const error = messages.find(({ type }) => type === 'error');
  if (error === undefined) return undefined;
  const { lineNum, linePos, message } = error;
  const line = source.split('\n')[lineNum - 1]?.trim();
  return `${file}:${lineNum}:${linePos}: ${message}${line ? `, in the line: ${line}` : ''}`;
}

/**
 * Compiles each shader once, and each pipeline once for every set of constants. Overrides are the pipeline's own affair; for other values of a shader's
 * `const`s its text is compiled anew, and sets of them live side by side.
 */
export class PipelineCache {
  #device: GPUDevice;
  #paramsLayout: GPUBindGroupLayout;
  #source: (name: string) => string;
  #shaders = new Map<string, LoadedShader>();
  /** Texts of shaders that were added. */
  #own = new Map<string, string>();
  #count = 0;
  /** Called with what the compiler says against a shader. */
  onError: (error: DeviceError) => void = () => {};

  /** paramsLayout: of group 1, see `CommandStream`. source: the text of a shader by its name. */
  constructor(device: GPUDevice, paramsLayout: GPUBindGroupLayout, source: (name: string) => string) {
    this.#device = device;
    this.#paramsLayout = paramsLayout;
    this.#source = source;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The kernel, compiled now if it is not yet. shader: the name of its file, or `NAME<vec4f>` for elements of that type where the file leaves it open
   * by `alias T`.
   */
  get(shader: string, constants: Constants = NO_CONSTANTS): Kernel {
    const { io, source, layout, module: plain, pipelineLayout, variants } = this.#load(shader);
    for (const variant of variants) if (areAlike(variant.constants, constants)) return variant.kernel;
    const [own, overrides] = divided(io, constants);
    const file = `shaders/${shader.split('<')[0]}.wgsl`;
    const put = valuesOf(own);
    const module = put === '' ? plain : this.#compile(file, withConstants(file, source, own), put);
    const pipeline = this.#device.createComputePipeline({
      label: labelOf(shader, constants),
      layout: pipelineLayout,
      compute: { module, entryPoint: 'main', constants: overrides },
    });
    const workgroupSize = workgroupSizeOf(shader, io, constants);
    const kernel = { id: this.#count++, shader, io, pipeline, layout, workgroupSize };
    variants.push({ constants: { ...constants }, kernel });
    return kernel;
  }

  /** What a shader's text says of it. */
  interfaceOf(shader: string): ShaderInterface {
    return this.#load(shader).io;
  }

  #load(name: string): LoadedShader {
    const known = this.#shaders.get(name);
    if (known) return known;
    const [shader, type = 'f32'] = name.split(/[<>]/);
    const source = withElementType(shader, this.#own.get(shader) ?? this.#source(shader), type);
    const file = `shaders/${shader}.wgsl`;
    const io = this.#interface(file, source);
    return this.#keep(name, io, source, this.#compile(file, source, type === 'f32' ? '' : `elements ${type}`));
  }

  /** put: what was put into its text, for errors. */
  #compile(file: string, source: string, put: string): GPUShaderModule {
    const module = this.#device.createShaderModule({ label: file, code: source });
    void firstError(module, file, source).then((error) => {
      if (error) this.onError(new DeviceError(put === '' ? error : `${error} (with ${put})`));
    });
    return module;
  }

  /** See `Gpu.addShader`. */
  async add(
    name: string,
    source: string,
    { file = name, replace = false }: AddShaderOptions = {},
  ): Promise<ShaderInterface> {
    if (!/^\w+$/.test(name)) throw new ShaderError(`A shader is named by letters, digits and '_', not '${name}'.`);
    if (!replace && (this.#shaders.has(name) || this.#isKnown(name))) {
      throw new ShaderError(
        `There is a shader ${name} already; take another name, or replace it by { replace: true }.`,
      );
    }
    const io = this.#interface(file, source);
    // An error is thrown from here, and the device goes on.
    this.#device.pushErrorScope('validation');
    const module = this.#device.createShaderModule({ label: file, code: source });
    void this.#device.popErrorScope();
    const error = await firstError(module, file, source);
    if (error) throw new ShaderError(error);
    this.#own.set(name, source);
    for (const known of [...this.#shaders.keys()]) if (known.startsWith(`${name}<`)) this.#shaders.delete(known);
    this.#keep(name, io, source, module);
    return io;
  }

  #isKnown(name: string): boolean {
    try {
      this.#source(name);
      return true;
    } catch {
      return false;
    }
  }

  /** What a shader says of itself. Throws ShaderError where it departs from the house form, and DeviceError where the adapter cannot run it. */
  #interface(file: string, source: string): ShaderInterface {
    const io = parseShader(file, source);
    if (io.needsSubgroups && !this.#device.features.has('subgroups')) {
      throw new DeviceError(`${file} needs subgroups, which this adapter does not offer.`);
    }
    return io;
  }

  #keep(name: string, io: ShaderInterface, source: string, module: GPUShaderModule): LoadedShader {
    const entries: GPUBindGroupLayoutEntry[] = io.bindings.map((binding) => ({
      binding: binding.binding,
      visibility: 4, // GPUShaderStage.COMPUTE
      buffer: { type: binding.access === 'read' ? 'read-only-storage' : 'storage' },
    }));
    const layout = this.#device.createBindGroupLayout({ label: name, entries });
    const bindGroupLayouts = io.params.length > 0 ? [layout, this.#paramsLayout] : [layout];
    const pipelineLayout = this.#device.createPipelineLayout({ bindGroupLayouts });
    const loaded: LoadedShader = { io, source, module, layout, pipelineLayout, variants: [] };
    this.#shaders.set(name, loaded);
    return loaded;
  }
}
