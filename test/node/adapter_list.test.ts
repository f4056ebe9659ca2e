import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { dawnOf, indexInEnvironment, listAdapters } from '../../src/node/adapter_list.ts';
import { DeviceError, UserError } from '../../src/runtime/errors.ts';
import { runProgram } from '../run_program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-adapters-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A Dawn that lists these adapters, and gives the first whose name contains what is asked for; `hides`: whether the layer is there. */
function dawnWith(names: readonly string[], hides = false) {
  return (flags: readonly string[]) =>
    ({
      async requestAdapter() {
        const wanted = flags.find((flag) => flag.startsWith('adapter='))?.slice('adapter='.length) ?? '';
        const shown = hides && process.env.DRI_PRIME ? names.slice(0, 1) : names;
        const found = shown.find((name) => name.includes(wanted));
        if (found) return { info: { device: found.toLowerCase().replace(/[^a-z0-9]+/g, '-') } };
        const lines = ['null', ...shown].map(
          (name) => ` * backend: '${name === 'null' ? 'null' : 'vulkan'}', name: '${name}'`,
        );
        throw new Error(`no suitable backends found\nAvailable adapters:\n${lines.join('\n')}`);
      },
    }) as unknown as GPU;
}

/** What the system says of the PCI bus: cards by their addresses, each `class vendor device`. */
function pci(name: string, cards: Record<string, string>, layer = true) {
  const bus = join(folder, name);
  mkdirSync(join(folder, `${name}-layers`));
  if (layer) writeFileSync(join(folder, `${name}-layers`, 'VkLayer_MESA_device_select.json'), '{}');
  for (const [address, facts] of Object.entries(cards)) {
    mkdirSync(join(bus, address), { recursive: true });
    facts.split(' ').forEach((fact, i) => {
      writeFileSync(join(bus, address, ['class', 'vendor', 'device'][i]), `${fact}\n`);
    });
  }
  return { pci: bus, layers: [join(folder, `${name}-layers`)] };
}

describe('listAdapters', () => {
  it('counts equal ones, and knows them by the PCI bus where just one kind of card is there so often', async () => {
    const bus = pci('bus', {
      '0000:c1:00.0': '0x030200 0x10de 0x2330',
      '0000:41:00.0': '0x030200 0x10de 0x2330',
      '0000:02:00.0': '0x030000 0x1a03 0x2000',
      '0000:03:00.0': '0x020000 0x8086 0x1533',
      '0000:03:00.1': '0x020000 0x8086 0x1533',
    });
    expect(await listAdapters(dawnWith(['Card', 'Other', 'Card']), bus)).toEqual([
      { backend: 'vulkan', name: 'Card', twin: 0, twins: 2, pci: '0000:41:00.0' },
      { backend: 'vulkan', name: 'Other', twin: 0, twins: 1 },
      { backend: 'vulkan', name: 'Card', twin: 1, twins: 2, pci: '0000:c1:00.0' },
    ]);
  });

  it('says nothing of the PCI bus that it does not know, or that none can be taken by', async () => {
    const cards = { '0000:01:00.0': '0x030000 0x1 0x1', '0000:02:00.0': '0x030000 0x1 0x2' };
    const equal = { '0000:01:00.0': '0x030000 0x1 0x1', '0000:02:00.0': '0x030000 0x1 0x1' };
    const noBus = { ...pci('none', {}), pci: join(folder, 'no-bus') };
    for (const bus of [pci('two-kinds', cards), noBus, pci('no-layer', equal, false)]) {
      expect((await listAdapters(dawnWith(['Card', 'Card']), bus)).map(({ pci }) => pci)).toEqual([
        undefined,
        undefined,
      ]);
    }
  });
});

describe('dawnOf', () => {
  it('gives the adapter of the index and checks its name', async () => {
    const adapter = await (await dawnOf(1, dawnWith(['Card 7', 'Card 9']))).requestAdapter();
    expect(adapter?.info.device).toBe('card-9');
    // Dawn gives the first whose name contains another's.
    await expect((await dawnOf(1, dawnWith(['Card 90', 'Card 9']))).requestAdapter()).rejects.toThrow(
      'Adapter 1 is Card 9, but Dawn opened card-90; take one by --adapter.',
    );
  });

  it('refuses an index that there is not', async () => {
    await expect(dawnOf(2, dawnWith(['A', 'B']))).rejects.toThrow(
      'There is no adapter 2: there are 2, numbered from 0; wgrad doctor lists them.',
    );
    await expect(dawnOf(1, dawnWith(['A']))).rejects.toThrow('there is 1, numbered 0; wgrad doctor lists them.');
  });

  it('refuses a second equal one that cannot be told apart, and leaves the environment', async () => {
    vi.stubEnv('DRI_PRIME', undefined);
    await expect(dawnOf(1, dawnWith(['Card', 'Card']))).rejects.toThrow(DeviceError);
    await expect(dawnOf(1, dawnWith(['Card', 'Card']))).rejects.toThrow(
      'Adapter 1 is one of 2 that are all Card, and nothing here tells it from the others',
    );
    expect(process.env.DRI_PRIME).toBeUndefined();
  });

  it('takes a second equal one by its place on the PCI bus where the layer hides the others, and nowhere else', async () => {
    vi.stubEnv('DRI_PRIME', undefined);
    const bus = pci('twins', { '0000:41:00.0': '0x030200 0x1 0x1', '0000:c1:00.0': '0x030200 0x1 0x1' });
    await expect(dawnOf(1, dawnWith(['Card', 'Card']), bus)).rejects.toThrow(DeviceError);
    expect(process.env.DRI_PRIME).toBeUndefined();
    for (const [index, place] of ['0000_41_00_0', '0000_c1_00_0'].entries()) {
      vi.stubEnv('DRI_PRIME', undefined);
      await dawnOf(index, dawnWith(['Card', 'Card'], true), bus);
      expect(process.env.DRI_PRIME).toBe(`pci-${place}!`);
    }
  });
});

it('reads the index in the environment', () => {
  for (const [text, index] of [
    ['', undefined],
    ['0', 0],
    ['12', 12],
  ] as const) {
    vi.stubEnv('WGRAD_ADAPTER_INDEX', text);
    expect(indexInEnvironment()).toBe(index);
  }
  for (const text of ['-1', 'x', '1.5', '1e1']) {
    vi.stubEnv('WGRAD_ADAPTER_INDEX', text);
    expect(indexInEnvironment).toThrow(UserError);
  }
});

const DRIVERS = ['/usr/share/vulkan/icd.d/lvp_icd.json', '/usr/lib/chromium/vk_swiftshader_icd.json'];
const hasTwo = DRIVERS.every((file) => existsSync(file));
if (!hasTwo) console.warn('Two drivers at once were not tried: llvmpipe and SwiftShader are not both installed.');

describe.runIf(hasTwo)('of two drivers', () => {
  /** The name of the adapter that a process opens, or the sentence in which it fails. */
  const opened = (index: number, drivers: readonly string[]) => {
    const program = join(folder, 'open.ts');
    writeFileSync(
      program,
      `import { openDevice } from ${JSON.stringify(join(import.meta.dirname, '../../src/node.ts'))};
openDevice().then((gpu) => { console.log(gpu.adapter.device); gpu.close(); }, (error) => console.log(error.message));`,
    );
    const env = { VK_DRIVER_FILES: drivers.join(':'), WGRAD_ADAPTER_INDEX: `${index}` };
    return runProgram([program], { env }).stdout.trim();
  };

  it('each is opened by its index', () => {
    const both = [opened(0, DRIVERS), opened(1, DRIVERS)].map((name) => name.replace(/-.*/, '')).sort();
    expect(both).toEqual(['llvmpipe', 'swiftshader']);
    expect(opened(2, DRIVERS)).toContain('There is no adapter 2: there are 2, numbered from 0');
  });

  it('the second of two equal ones is refused: software has no place on the PCI bus', () => {
    const copy = join(folder, 'copy.json');
    copyFileSync(DRIVERS[0], copy);
    expect(opened(0, [DRIVERS[0], copy])).toMatch(/^llvmpipe/);
    expect(opened(1, [DRIVERS[0], copy])).toMatch(
      /^Adapter 1 is one of 2 that are all llvmpipe .* nothing here tells it/,
    );
  });
});
