import { watchBackward, watchTape } from '../autograd/tape.ts';
import type { Shape, TapeNode, Tensor } from '../autograd/tensor.ts';
import type { Module } from '../nn/module.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import type { StepPhase } from '../train/training_step.ts';
import type { MemorySample, ModuleRecord, NodeRecord, Source } from './step_record.ts';

/** A step as a function: what it does, telling of each phase as it begins. It must not wait for anything. */
export type Step = (begins: (phase: StepPhase) => void) => void;

/** What a run of dispatches belongs to: those from `from` up to the next span's. */
export interface Span {
  from: number;
  phase: StepPhase;
  module: string;
  node?: number;
}

/** What was seen of a step from outside. */
export interface SeenStep {
  spans: Span[];
  modules: ModuleRecord[];
  nodes: NodeRecord[];
  samples: MemorySample[];
  /** Dispatches in all. */
  dispatches: number;
}

/** Who also wants to see: the tensors of the step while they are there. */
export interface Onlooker {
  /** The images go into the network. */
  images?(images: Tensor): void;
  /** An operation was written onto the tape, as `NodeRecord` `index`. */
  node?(node: TapeNode, index: number): void;
}

/** Numbers and texts of an operation's settings; tensors among them are inputs already. */
function plain(settings: object | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings ?? {}).filter(
      ([, value]) =>
        ['number', 'string', 'boolean'].includes(typeof value) ||
        (Array.isArray(value) && value.every((item) => typeof item === 'number')),
    ),
  );
}

/**
 * Runs a step and sees which module, which operation on the tape and which phase each dispatch belongs to, from hooks that are there only meanwhile: the
 * device counts its dispatches, and what lies between two events belongs to what was going on. An operation's kernels are dispatched before it is
 * written onto the tape.
 */
export function watchStep(gpu: Gpu, model: Module, step: Step, onlooker: Onlooker = {}): SeenStep {
  const base = gpu.counters.dispatches;
  const spans: Span[] = [];
  const samples: MemorySample[] = [];
  const modules: ModuleRecord[] = [];
  const nodes: NodeRecord[] = [];
  const indexOf = new Map<TapeNode, number>();
  const madeBy = new Map<Tensor, number>();
  const named = new Map<Tensor, string>([...model.namedParameters(), ...model.namedBuffers()].map(([n, t]) => [t, n]));
  const kept = new Set<DeviceArray>([...named.keys()].map(({ buffer }) => buffer));
  let images: Tensor | undefined;
  let phase: StepPhase = 'data';
  let begun = 0;
  let backwardOf: number | undefined;
  /** Names of the modules that are open, and where each one's record is. */
  const open: { name: string; record: number }[] = [];

  /** Ends the span of dispatches under way. */
  const close = (node?: number) => {
    const at = gpu.counters.dispatches - base;
    samples.push({ dispatch: at, bytes: gpu.memory.liveBytes });
    if (at === begun) return;
    const module = node === undefined ? (open.at(-1)?.name ?? '') : nodes[node].module;
    spans.push({ from: begun, phase, module, ...(node !== undefined && { node }) });
    begun = at;
  };
  const begins = (next: StepPhase) => {
    close(backwardOf);
    backwardOf = undefined;
    phase = next;
  };
  const sourceOf = (tensor: Tensor): Source => {
    const node = madeBy.get(tensor);
    if (node !== undefined) return { node };
    const parameter = named.get(tensor);
    if (parameter !== undefined) return { parameter };
    return tensor === images ? { images: true } : { other: tensor.shape };
  };
  const seeNode = (node: TapeNode) => {
    const index = nodes.length;
    indexOf.set(node, index);
    madeBy.set(node.output, index);
    let savedBytes = 0;
    for (const array of node.saved) {
      if (kept.has(array)) continue;
      kept.add(array);
      savedBytes += array.bytes;
    }
    nodes.push({
      operation: node.name,
      module: open.at(-1)?.name ?? '',
      phase,
      inputs: node.inputs.map(sourceOf),
      shape: node.output.shape,
      savedBytes,
      settings: plain(node.settings),
    });
    onlooker.node?.(node, index);
    close(index);
  };
  const seeRule = (node: TapeNode | undefined) => {
    close(backwardOf);
    backwardOf = node && indexOf.get(node);
  };
  const removers = model.namedModules().flatMap(([name, module]) => [
    module.registerForwardPreHook((_module, input) => {
      if (open.length === 0) {
        begins('forward');
        images ??= input;
        if (input === images) onlooker.images?.(input);
      } else close();
      const record: ModuleRecord = {
        name,
        type: module.constructor.name,
        details: module.details(),
        input: input.shape,
        output: [],
      };
      open.push({ name, record: modules.push(record) - 1 });
    }),
    module.registerForwardHook((_module, _input, output) => {
      close();
      const { record } = open.pop() as (typeof open)[number];
      modules[record].output = output.shape as Shape;
      if (open.length === 0) begins('loss');
    }),
  ]);
  try {
    watchTape(seeNode, () => watchBackward(seeRule, () => step(begins)));
    close(backwardOf);
  } finally {
    for (const remove of removers) remove();
  }
  return { spans, modules, nodes, samples, dispatches: gpu.counters.dispatches - base };
}
