// Describes every adapter that Dawn offers, as one line of JSON. It is a program of its own, because a driver that crashes takes its
// process along; adapters.ts starts it.
import { writeSync } from 'node:fs';
import { indexInEnvironment, listAdapters } from '../../node/adapter_list.ts';
import { describeAdapter } from '../../runtime/device.ts';
import type { AdapterFact } from './facts.ts';

/** The limits that decide how large an array and how wide a kernel may be. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Dawn's objects must stay referenced: once collected, the process crashes. */
const instances: GPU[] = [];

async function survey(): Promise<AdapterFact[]> {
  const { create } = await import('webgpu');
  const open = (...flags: string[]) => {
    const gpu = create(flags);
    instances.push(gpu);
    return gpu;
  };

  const facts: AdapterFact[] = [];
  const listed = await listAdapters((flags) => open(...flags));
  for (const [index, { backend, name, twin, twins, pci = null }] of listed.entries()) {
    const place = { index, twins, pci };
    const first = facts.find((fact) => fact.index === index - twin);
    // Dawn gives the first of several equal ones, which are described alike.
    if (first) {
      facts.push({ ...first, ...place });
      continue;
    }
    const adapter = await open(`backend=${backend}`, `adapter=${name}`)
      .requestAdapter()
      .catch(() => null);
    // An adapter that is listed and not given lacks what WebGPU asks of one; Dawn's log says what.
    if (adapter) facts.push({ ...(await describe(adapter, backend)), ...place });
  }

  const index = indexInEnvironment();
  const taken = facts.find((fact) => fact.index === index);
  if (taken) taken.chosen = true;
  else await choose(facts, open());
  return facts.sort((a, b) => Number(a.software) - Number(b.software));
}

/** Marks what is taken where nothing is said, as the engine asks: one for performance, one for the fallback, hardware before software. */
async function choose(facts: AdapterFact[], gpu: GPU): Promise<void> {
  const asked: GPUAdapter[] = [];
  for (const request of [{ powerPreference: 'high-performance' as const }, { forceFallbackAdapter: true }]) {
    const adapter = await gpu.requestAdapter(request);
    if (adapter) asked.push(adapter);
  }
  const chosen = asked.find((adapter) => !describeAdapter(adapter).software) ?? asked[0];
  if (chosen) {
    const name = nameOf(chosen);
    let fact = facts.find(({ description }) => description === name);
    if (!fact) {
      fact = await describe(chosen, '');
      facts.push(fact);
    }
    fact.chosen = true;
  }
}

async function describe(adapter: GPUAdapter, backend: string): Promise<AdapterFact> {
  const { vendor, architecture, software, subgroupSizes } = describeAdapter(adapter);
  const fact: AdapterFact = {
    description: nameOf(adapter),
    vendor,
    architecture,
    ...{ backend, index: null, twins: 1, pci: null },
    software,
    chosen: false,
    problem: null,
    features: [...adapter.features].sort(),
    subgroupSizes: adapter.features.has('subgroups') ? [subgroupSizes[0], subgroupSizes[1]] : null,
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  };
  try {
    const device = await adapter.requestDevice();
    device.destroy();
  } catch (error) {
    fact.problem = error instanceof Error ? error.message : String(error);
  }
  return fact;
}

function nameOf(adapter: GPUAdapter): string {
  const { description, device, vendor } = adapter.info;
  return description || device || vendor || 'unnamed adapter';
}

try {
  writeSync(1, `${JSON.stringify({ adapters: await survey() })}\n`);
} catch (error) {
  writeSync(1, `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
}
