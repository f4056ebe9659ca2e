import type { RungName, RungTable, ShapeClass } from '../../runtime/rungs.ts';
import type { Verification } from '../run/verification.ts';

/** How much a finding matters: `note` is for information, `warning` costs speed or a choice, `error` stops the lab. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** What is right or wrong with one item, and what to do about it. */
export interface Finding {
  /** What was looked at: 'node', 'webgpu', 'adapter', 'subgroups', 'kernels', 'verified', 'data folder', a dataset's name, 'disk: runs', 'disk: cache'. */
  item: string;
  level: Level;
  /** One sentence. */
  message: string;
  /** What to do, where there is something. */
  advice?: string;
}

/** One adapter as Dawn describes it. */
export interface AdapterFact {
  /** What the driver calls itself, with its version. */
  description: string;
  vendor: string;
  architecture: string;
  /** 'vulkan', 'metal', 'd3d12' …, empty where Dawn does not say. */
  backend: string;
  /** By which `--adapter-index` takes it; null where Dawn does not list it. */
  index: number | null;
  /** How many adapters there are of this name, this one among them. */
  twins: number;
  /** Where it is on the PCI bus, if it has twins and that is known: nothing else tells them apart. */
  pci: string | null;
  /** True for a driver that computes on the CPU. */
  software: boolean;
  /** Whether the lab takes this one when none is asked for. */
  chosen: boolean;
  /** Why no device can be opened on it, null where one can. */
  problem: string | null;
  /** Names as WebGPU gives them, sorted. */
  features: string[];
  /** Lanes of a subgroup, smallest and largest, null where the adapter has no subgroups. */
  subgroupSizes: [number, number] | null;
  /** Bytes or counts, by WebGPU's names. */
  limits: Record<string, number>;
}

/** What asking Dawn gave. */
export interface AdapterSurvey {
  adapters: AdapterFact[];
  /** Why the survey itself failed (package not loadable, driver crashed or hung), null where it did not. */
  problem: string | null;
  /** What Dawn and the Vulkan loader printed, line by line: the reason why a driver was refused stands there. */
  log: string[];
}

/** Which version of the kernels the lab takes on the chosen adapter. */
export interface KernelsFact {
  /** measured: by `doctor --tune` or a run of the lab; kind: by the adapter's being software or hardware, as nothing was measured. */
  source: 'measured' | 'kind';
  rungs: RungTable;
}

/** What `doctor --tune` measured of a class of shapes. */
export interface TuningFact {
  shapes: ShapeClass;
  /** The fastest sample of each version, in milliseconds; the first is the one that is taken where nothing was measured. */
  versions: { rung: RungName; ms: number }[];
  /** The version that is taken from now on. */
  taken: RungName;
}

export interface DatasetFact {
  name: string;
  found: boolean;
  /** Whether it is there, but not as it should be. */
  damaged: boolean;
  /** The folder, file or package, or the places looked in. */
  where: string;
  /** What is wrong or missing, null where nothing is. */
  problem: string | null;
}

export interface DiskFact {
  purpose: 'runs' | 'cache';
  /** Absolute; it need not exist yet. */
  path: string;
  /** Bytes that the user may still fill, null where the system does not say. */
  freeBytes: number | null;
  writable: boolean;
}

export interface VersionFacts {
  wgrad: string;
  /** The running Node.js, and the range that wgrad asks for. */
  node: string;
  nodeWanted: string;
  /** The npm package webgpu, null where it is not installed. */
  webgpu: string | null;
  os: string;
  /** Node's name of the processor architecture. */
  arch: string;
  /** Logical processors, and bytes of memory. */
  cpus: number;
  memoryBytes: number;
}

/** What was found, before it is judged. */
export interface Facts {
  versions: VersionFacts;
  survey: AdapterSurvey;
  /** Null where there is no adapter. */
  kernels: KernelsFact | null;
  /** What was measured now; null without `--tune`. */
  tuning: TuningFact[] | null;
  /** What `wgrad verify` found on the chosen adapter; null where there is none, or it was never verified. */
  verification: Verification | null;
  /** Files that tell the Vulkan loader of drivers; Linux only. */
  driverFiles: string[];
  /** Why --data-dir or WGRAD_DATA cannot be used, null where they can. */
  dataFolderProblem: string | null;
  datasets: DatasetFact[];
  disk: DiskFact[];
}

/**
 * What `npm run doctor -- --json` prints: one JSON object of this shape. Fields may be added under the same `schema`; one that changes
 * its meaning or goes away raises it.
 */
export interface DoctorReport extends Omit<Facts, 'survey' | 'dataFolderProblem'> {
  schema: 1;
  /** False when a finding is an error: the lab cannot run. */
  healthy: boolean;
  adapters: AdapterFact[];
  dawnLog: string[];
  findings: Finding[];
}
