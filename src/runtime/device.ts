import type { AdapterDescription } from './adapter.ts';
import { DeviceError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import type { GpuOptions } from './gpu_options.ts';
import { WebGpu } from './webgpu.ts';

/** Which adapter to open, and how. */
export interface DeviceOptions extends Partial<GpuOptions> {
  /** Which of several hardware adapters to take. Default 'high-performance'. */
  powerPreference?: GPUPowerPreference;
  /** 'hardware': no software driver; 'software': nothing else; any other text: an adapter whose description contains it. Default: hardware, else software. */
  adapter?: string;
}

/** What the engine needs of the world around it: an implementation of WebGPU, and the texts of the shaders. */
export interface Platform {
  gpu: GPU;
  shaders: (name: string) => string;
  /** How to wait for the device. Default: as for any promise. */
  wait?: <T>(pending: Promise<T>) => Promise<T>;
}

/** Limits that grow with the adapter; the defaults are low (128 MiB a binding, 256 invocations). */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupsPerDimension',
] as const;

const WANTED_FEATURES: GPUFeatureName[] = ['subgroups', 'timestamp-query', 'shader-f16'];

/** What an adapter says of itself. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize } =
    adapter.info;
  const subgroups = adapter.features.has('subgroups');
  return {
    vendor,
    architecture,
    device,
    description,
    software:
      isFallbackAdapter ||
      /llvmpipe|swiftshader|software|basic render/i.test(`${architecture} ${device} ${description}`),
    subgroupSizes: subgroups ? [subgroupMinSize ?? 4, subgroupMaxSize ?? 128] : [0, 0],
  };
}

/** Hardware first, software last; narrowed by `options.adapter`. Throws DeviceError where none is left. */
async function pickAdapter(gpu: GPU, options: DeviceOptions): Promise<GPUAdapter> {
  const found: GPUAdapter[] = [];
  for (const request of [
    { powerPreference: options.powerPreference ?? 'high-performance' },
    { forceFallbackAdapter: true },
  ] satisfies GPURequestAdapterOptions[]) {
    const adapter = await gpu.requestAdapter(request);
    if (adapter) found.push(adapter);
  }
  if (found.length === 0) {
    throw new DeviceError(
      "No WebGPU adapter was found: no graphics driver offers Vulkan, Metal or Direct3D 12. 'npm run doctor' says what is missing.",
    );
  }
  const described = found.map((adapter) => ({ adapter, about: describeAdapter(adapter) }));
  described.sort((a, b) => Number(a.about.software) - Number(b.about.software));
  const wanted = options.adapter;
  const matching = described.filter(({ about }) => {
    if (wanted === undefined) return true;
    if (wanted === 'hardware') return !about.software;
    if (wanted === 'software') return about.software;
    return `${about.vendor} ${about.architecture} ${about.device} ${about.description}`
      .toLowerCase()
      .includes(wanted.toLowerCase());
  });
  if (matching.length === 0) {
    const names = described.map(({ about }) => about.description || about.device).join('; ');
    throw new DeviceError(`No adapter matches '${wanted}'. Found: ${names}.`);
  }
  return matching[0].adapter;
}

/** Opens a device on a given platform. `openDevice` of the Node entry fills in the platform. */
export async function openDeviceOn(platform: Platform, options: DeviceOptions = {}): Promise<Gpu> {
  const adapter = await pickAdapter(platform.gpu, options);
  const requiredLimits: Record<string, number> = {};
  for (const limit of WANTED_LIMITS) requiredLimits[limit] = adapter.limits[limit];
  const device = await adapter.requestDevice({
    label: 'wgrad',
    requiredLimits,
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
  });
  return new WebGpu(device, describeAdapter(adapter), {
    wait: platform.wait,
    ...options,
    shaders: options.shaders ?? platform.shaders,
  });
}
