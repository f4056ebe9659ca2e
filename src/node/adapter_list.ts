import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceError, UserError } from '../runtime/errors.ts';

/** An adapter as Dawn lists it. Its index is its place in the list. */
export interface ListedAdapter {
  backend: string;
  name: string;
  /** Which of those of the same name it is, from 0, and how many there are. */
  twin: number;
  twins: number;
  /** Where it is on the PCI bus, such as 0000:41:00.0, if it has twins, that is known and it can be taken by that: nothing else tells them apart. */
  pci?: string;
}

/** The environment variable that names an adapter by its index, for job scripts. */
export const ADAPTER_INDEX = 'WGRAD_ADAPTER_INDEX';

/** The index in the environment; undefined where there is none. Throws UserError where it is none. */
export function indexInEnvironment(): number | undefined {
  const text = process.env[ADAPTER_INDEX];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new UserError(`${ADAPTER_INDEX} is ${JSON.stringify(text)}; it must be a whole number of at least 0.`);
}

/** Makes Dawn with flags. */
type Make = (flags: readonly string[]) => GPU;

/** Where the system describes what is on the PCI bus, and where drivers put Vulkan's layers. */
interface Places {
  pci: string;
  layers: readonly string[];
}

const PLACES: Places = {
  pci: '/sys/bus/pci/devices',
  layers: [
    '/usr/share/vulkan/implicit_layer.d',
    '/usr/local/share/vulkan/implicit_layer.d',
    '/etc/vulkan/implicit_layer.d',
  ],
};

/** Mesa's Vulkan layer that hides all adapters but one. */
const LAYER = 'VkLayer_MESA_device_select.json';

/** Lists the adapters that can compute. */
export async function listAdapters(make: Make, places: Places = PLACES): Promise<ListedAdapter[]> {
  let text = '';
  try {
    // dawn.node lists its adapters in the message of the error that an unknown name raises.
    await make(['adapter=(none of this name)']).requestAdapter();
  } catch (error) {
    text = error instanceof Error ? error.message : String(error);
  }
  const found = [...text.matchAll(/backend: '([^']+)', name: '([^\n]+)'/g)]
    .map(([, backend, name]) => ({ backend, name }))
    // The null backend computes nothing, and OpenGL offers a lesser WebGPU only.
    .filter(({ backend }) => !/^(null|opengl)/.test(backend));
  const isTwin = (one: (typeof found)[number], other: (typeof found)[number]) =>
    one.name === other.name && one.backend === other.backend;
  return found.map((adapter, i) => {
    const twins = found.filter((other) => isTwin(adapter, other)).length;
    const twin = found.slice(0, i).filter((other) => isTwin(adapter, other)).length;
    const pci = twins > 1 ? pciAddresses(twins, places)?.[twin] : undefined;
    return { ...adapter, twin, twins, ...(pci !== undefined && { pci }) };
  });
}

/** The addresses of so many equal cards, in order; undefined where not exactly one kind of card is there so often, or none can be taken by its address. */
function pciAddresses(count: number, { pci: folder, layers }: Places): string[] | undefined {
  if (!layers.some((layer) => existsSync(join(layer, LAYER)))) return undefined;
  const kinds = new Map<string, string[]>();
  try {
    for (const address of readdirSync(folder).sort()) {
      const [type, vendor, device] = ['class', 'vendor', 'device'].map((name) =>
        readFileSync(join(folder, address, name), 'utf8').trim(),
      );
      // Display controllers, those without a display among them.
      if (!type.startsWith('0x03')) continue;
      const kind = `${vendor} ${device}`;
      kinds.set(kind, [...(kinds.get(kind) ?? []), address]);
    }
  } catch {
    return undefined;
  }
  const fitting = [...kinds.values()].filter(({ length }) => length === count);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/**
 * Dawn with the adapter of an index alone, as `listAdapters` counts, checked to be that one by its name.
 *
 * Dawn itself takes an adapter by its name, which is the first of several equal ones. Equal ones are taken by their place on the PCI bus, by the Vulkan
 * layer that Mesa brings, which hides all others; whether it did is seen in the list, and how the environment says so stays for the whole process.
 *
 * @throws UserError for an index that there is not, DeviceError where that one of several equal adapters cannot be taken
 */
export async function dawnOf(index: number, make: Make, places?: Places): Promise<GPU> {
  const all = await listAdapters(make, places);
  if (index >= all.length) {
    throw new UserError(
      `There is no adapter ${index}: there ${all.length === 1 ? 'is 1, numbered' : `are ${all.length}, numbered from`} 0; wgrad doctor lists them.`,
    );
  }
  const wanted = all[index];
  if (wanted.twin > 0 || wanted.pci !== undefined) await hideTwins(index, wanted, make);
  const { backend, name } = wanted;
  const gpu = make([`backend=${backend}`, `adapter=${name}`]);
  const requestAdapter = async () => {
    const adapter = await gpu.requestAdapter();
    // As WebGPU writes names.
    const written = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    if (adapter && adapter.info.device !== '' && adapter.info.device !== written) {
      throw new DeviceError(
        `Adapter ${index} is ${name}, but Dawn opened ${adapter.info.device}; take one by --adapter.`,
      );
    }
    return adapter;
  };
  return { requestAdapter } as GPU;
}

async function hideTwins(index: number, { name, twins, pci }: ListedAdapter, make: Make): Promise<void> {
  const { DRI_PRIME: before } = process.env;
  if (pci !== undefined) process.env.DRI_PRIME = `pci-${pci.replace(/[:.]/g, '_')}!`;
  const left = pci === undefined ? [] : (await listAdapters(make)).filter((other) => other.name === name);
  if (left.length === 1) return;
  if (before === undefined) delete process.env.DRI_PRIME;
  else process.env.DRI_PRIME = before;
  throw new DeviceError(
    `Adapter ${index} is one of ${twins} that are all ${name}, and nothing here tells it from the others; give the process that device alone, as schedulers and containers do, or install Mesa's Vulkan layer for choosing devices.`,
  );
}
