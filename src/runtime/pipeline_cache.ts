import { DeviceError } from './errors.ts';
import { parseShader, type ShaderInterface, withElementType } from './shader.ts';

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

/** Values of a shader's overrides, by name. */
type Constants = Readonly<Record<string, number>>;

interface LoadedShader {
  io: ShaderInterface;
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

/** Invocations of a workgroup, of which overrides may say a part. */
function workgroupSizeOf(shader: string, { workgroup }: ShaderInterface, constants: Constants): number {
  let size = 1;
  for (const part of workgroup) {
    const value = typeof part === 'number' ? part : constants[part];
    if (value === undefined) throw new Error(`shaders/${shader}.wgsl: its workgroup's size, ${part}, was not given.`);
    size *= value;
  }
  return size;
}

/** Compiles each shader once, and each pipeline once for every set of constants. */
export class PipelineCache {
  #device: GPUDevice;
  #paramsLayout: GPUBindGroupLayout;
  #source: (name: string) => string;
  #shaders = new Map<string, LoadedShader>();
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
    const { io, layout, module, pipelineLayout, variants } = this.#load(shader);
    for (const variant of variants) if (areAlike(variant.constants, constants)) return variant.kernel;
    const pipeline = this.#device.createComputePipeline({
      label: labelOf(shader, constants),
      layout: pipelineLayout,
      compute: { module, entryPoint: 'main', constants },
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
    const [file, type = 'f32'] = name.split(/[<>]/);
    const source = withElementType(file, this.#source(file), type);
    const io = parseShader(file, source);
    if (io.needsSubgroups && !this.#device.features.has('subgroups')) {
      throw new DeviceError(`shaders/${file}.wgsl needs subgroups, which this adapter does not offer.`);
    }
    const module = this.#device.createShaderModule({ label: `shaders/${file}.wgsl`, code: source });
    void module.getCompilationInfo().then((info) => {
      const errors = info.messages.filter((message) => message.type === 'error');
      if (errors.length > 0) {
        const { lineNum, linePos, message } = errors[0];
        this.onError(
          new DeviceError(
            `shaders/${file}.wgsl:${lineNum}:${linePos}: ${message}${type === 'f32' ? '' : ` (with T = ${type})`}`,
          ),
        );
      }
    });
    const entries: GPUBindGroupLayoutEntry[] = io.bindings.map((binding) => ({
      binding: binding.binding,
      visibility: 4, // GPUShaderStage.COMPUTE
      buffer: { type: binding.access === 'read' ? 'read-only-storage' : 'storage' },
    }));
    const layout = this.#device.createBindGroupLayout({ label: name, entries });
    const bindGroupLayouts = io.params.length > 0 ? [layout, this.#paramsLayout] : [layout];
    const pipelineLayout = this.#device.createPipelineLayout({ bindGroupLayouts });
    const loaded: LoadedShader = { io, module, layout, pipelineLayout, variants: [] };
    this.#shaders.set(name, loaded);
    return loaded;
  }
}
