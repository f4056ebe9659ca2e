import type { AdapterFact, Facts } from '../../../src/lab/doctor/facts.ts';
import { uniformTable } from '../../../src/runtime/rungs.ts';

/** A machine without fault; each test changes what it is about. */
export function exampleFacts(): Facts {
  return {
    versions: {
      wgrad: '0.1.0',
      node: '20.19.0',
      nodeWanted: '>=20.19',
      webgpu: '0.6.2',
      os: 'Example OS 1, Linux 6.1.0',
      arch: 'x64',
      cpus: 8,
      memoryBytes: 16 * 2 ** 30,
    },
    kernels: { source: 'measured', rungs: uniformTable('tiled') },
    tuning: null,
    verification: {
      ...{ wgrad: '0.1.0', at: '2026-01-02T03:04:05.000Z', quick: false, passed: true, wrong: [] },
      faults: { rungs: {}, shaders: [] },
    },
    survey: { adapters: [exampleAdapter({ chosen: true })], problem: null, log: ['Warning: of no weight'] },
    driverFiles: ['/usr/share/vulkan/icd.d/example_icd.json'],
    dataFolderProblem: null,
    datasets: [
      { name: 'cifar10', found: true, damaged: false, where: '/data/cifar-10-batches-bin', problem: null },
      { name: 'mnist', found: true, damaged: false, where: 'embedded', problem: null },
    ],
    disk: [
      { purpose: 'runs', path: '/home/student/runs', freeBytes: 50 * 2 ** 30, writable: true },
      { purpose: 'cache', path: '/home/student/.cache/wgrad', freeBytes: 50 * 2 ** 30, writable: true },
    ],
  };
}

export function exampleAdapter(changes: Partial<AdapterFact> = {}): AdapterFact {
  return {
    description: 'Example Card 9000',
    vendor: 'example',
    architecture: 'nine',
    backend: 'vulkan',
    ...{ index: 0, twins: 1, pci: null },
    software: false,
    chosen: false,
    problem: null,
    features: ['subgroups', 'timestamp-query'],
    subgroupSizes: [32, 32],
    limits: { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 27, maxComputeInvocationsPerWorkgroup: 1024 },
    ...changes,
  };
}
