import { DeviceError } from './errors.ts';
import { parseShader, type ShaderInterface } from './shader.ts';

/** A shader compiled with one set of constants. */
export interface Kernel {
  id: number;
  shader: string;
  io: ShaderInterface;
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

interface LoadedShader {
  io: ShaderInterface;
  module: GPUShaderModule;
  layout: GPUBindGroupLayout;
  pipelineLayout: GPUPipelineLayout;
}

function keyOf(shader: string, constants: Record<string, number> | undefined): string {
  let key = shader;
  if (constants) for (const name in constants) key += `;${name}=${constants[name]}`;
  return key;
}

function describe(
  label: string,
  { pipelineLayout: layout, module }: LoadedShader,
  constants: Record<string, number> | undefined,
): GPUComputePipelineDescriptor {
  return { label, layout, compute: { module, entryPoint: 'main', constants } };
}

/** Compiles each shader once, and each pipeline once for every set of constants. */
export class PipelineCache {
  #device: GPUDevice;
  #source: (name: string) => string;
  #shaders = new Map<string, LoadedShader>();
  #kernels = new Map<string, Kernel>();
  #coming = new Map<string, Promise<void>>();
  /** Called with what the compiler says against a shader. */
  onError: (error: DeviceError) => void = () => {};

  constructor(device: GPUDevice, source: (name: string) => string) {
    this.#device = device;
    this.#source = source;
  }

  get count(): number {
    return this.#kernels.size;
  }

  /** The kernel, compiled now if it is not yet. */
  get(shader: string, constants?: Record<string, number>): Kernel {
    const key = keyOf(shader, constants);
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const loaded = this.#load(shader);
    return this.#keep(key, shader, this.#device.createComputePipeline(describe(key, loaded, constants)));
  }

  /**
   * Begins to compile a kernel beside whatever else goes on, and returns the shader's interface. Where it fails, or is needed before it is
   * done, `get` compiles it in its own way and reports what is wrong.
   */
  getAhead(shader: string, constants?: Record<string, number>): ShaderInterface {
    const key = keyOf(shader, constants);
    const loaded = this.#load(shader);
    if (this.#kernels.has(key) || this.#coming.has(key)) return loaded.io;
    const coming = this.#device.createComputePipelineAsync(describe(key, loaded, constants)).then(
      (pipeline) => {
        if (!this.#kernels.has(key)) this.#keep(key, shader, pipeline);
      },
      () => {},
    );
    this.#coming.set(key, coming);
    return loaded.io;
  }

  /** Waits for what `getAhead` began. */
  async arrived(): Promise<void> {
    await Promise.all(this.#coming.values());
    this.#coming.clear();
  }

  #keep(key: string, shader: string, pipeline: GPUComputePipeline): Kernel {
    const { io, layout } = this.#load(shader);
    const kernel = { id: this.#kernels.size, shader, io, pipeline, layout };
    this.#kernels.set(key, kernel);
    return kernel;
  }

  #load(name: string): LoadedShader {
    const known = this.#shaders.get(name);
    if (known) return known;
    const source = this.#source(name);
    const io = parseShader(name, source);
    if (io.needsSubgroups && !this.#device.features.has('subgroups')) {
      throw new DeviceError(`shaders/${name}.wgsl needs subgroups, which this adapter does not offer.`);
    }
    const module = this.#device.createShaderModule({ label: `shaders/${name}.wgsl`, code: source });
    void module.getCompilationInfo().then((info) => {
      const errors = info.messages.filter((message) => message.type === 'error');
      if (errors.length > 0) {
        const { lineNum, linePos, message } = errors[0];
        this.onError(new DeviceError(`shaders/${name}.wgsl:${lineNum}:${linePos}: ${message}`));
      }
    });
    const entries: GPUBindGroupLayoutEntry[] = io.bindings.map((binding) => ({
      binding: binding.binding,
      visibility: 4, // GPUShaderStage.COMPUTE
      buffer: { type: binding.access === 'read' ? 'read-only-storage' : 'storage' },
    }));
    if (io.paramsBinding >= 0) {
      entries.push({ binding: io.paramsBinding, visibility: 4, buffer: { type: 'uniform', hasDynamicOffset: true } });
    }
    const layout = this.#device.createBindGroupLayout({ label: name, entries });
    const pipelineLayout = this.#device.createPipelineLayout({ bindGroupLayouts: [layout] });
    const loaded = { io, module, layout, pipelineLayout };
    this.#shaders.set(name, loaded);
    return loaded;
  }
}
