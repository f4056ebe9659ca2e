import type { Tensor } from '../autograd/tensor.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../nn/optimizers/optimizer.ts';
import { countParameters } from '../nn/summary.ts';
import { downloadTensors, type HostTensor } from '../nn/weights/host_tensor.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { timedDispatches } from '../runtime/timing.ts';
import { KeptState } from '../train/kept_state.ts';
import type { DispatchRecord, ParameterRecord, StepRecord } from './step_record.ts';
import { type Step, watchStep } from './step_watcher.ts';
import { tensorStatistics } from './tensor_statistics.ts';

/** A training step that is to be recorded. */
export interface StepToRecord {
  gpu: Gpu;
  model: Module;
  optimizer: Optimizer;
  /**
   * Does the step, telling of each phase as it begins. It is called three times, each time from the same state of model, optimizer and the device's
   * generator; after the last time they are as after one step.
   */
  step: Step;
  /** Steps done before, for the record. Default 0. */
  stepsBefore?: number;
}

type Values = Float32Array;

/** All numbers of a step, on the host. Lists are by the place of an operation in the record's `nodes`. */
export interface StepValues {
  /** What went into the network, [N, H, W, C], and the loss's gradient with respect to it. */
  images: HostTensor<Values>;
  imageGradient: Values | undefined;
  activations: Values[];
  /** Of the loss with respect to each activation; undefined where none came by. */
  gradients: (Values | undefined)[];
  /** What an operation kept for its backward pass that is neither a parameter nor an activation: of a batch norm, mean and 1 / deviation of each channel. */
  saved: Map<number, (Float32Array | Uint32Array)[]>;
  /** By name, before and after the step. */
  before: Map<string, HostTensor<Values>>;
  after: Map<string, HostTensor<Values>>;
  /** As the optimizer was given them. */
  parameterGradients: Map<string, Values>;
  /** What the optimizer keeps for parameters, by the parameter's name and PyTorch's: 'fc.weight', 'exp_avg'. Before its first step it is empty. */
  stateBefore: Map<string, Map<string, Values>>;
  stateAfter: Map<string, Map<string, Values>>;
  /** Steps that the optimizer had done on each parameter. */
  stepsDone: Map<string, number>;
}

/** A step that was recorded. */
export interface RecordedStep {
  record: StepRecord;
  values: StepValues;
}

/**
 * Does one training step and tells all of it: which kernel ran for which operation of which layer, how long, on what memory, and every number that
 * flowed. The step is done three times from the same state: to have its kernels compiled; timed; and with all its tensors kept, which would change
 * what a step takes. Its results are those of a step that is not recorded, bit for bit.
 *
 * @throws Error where the step writes nothing onto the tape
 */
export async function recordStep({
  gpu,
  model,
  optimizer,
  step,
  stepsBefore = 0,
}: StepToRecord): Promise<RecordedStep> {
  const state = new KeptState({ gpu, model, optimizer });
  try {
    state.keep();
    const again = () => {
      model.zeroGrad();
      state.restore();
    };
    const from = { tensors: await downloadTensors(model.stateDict()), kept: await keptBy(model, optimizer) };
    model.zeroGrad();
    watchStep(gpu, model, step);
    await gpu.finish();
    again();
    const { seen, dispatches, clock } = await timedStep(gpu, model, step);
    if (seen.nodes.length === 0) throw new Error('inspect: the step wrote no operation onto the tape.');
    const standing = standingMemory(model, optimizer);
    again();
    const readsImages = seen.nodes.some(({ inputs }) => inputs.some((source) => 'images' in source));
    const values = await withValues({ gpu, model, optimizer, step }, from, readsImages);
    const loss = values.activations[seen.nodes.findLastIndex(({ shape }) => shape.length === 0)]?.[0] ?? Number.NaN;
    const nodes = seen.nodes.map((node, i) => ({
      ...node,
      activation: tensorStatistics(values.activations[i]),
      ...(values.gradients[i] && { gradient: tensorStatistics(values.gradients[i]) }),
    }));
    const [{ parameters: _, ...hyperparameters }] = optimizer.groups;
    const record: StepRecord = {
      ...{ format: 'wgrad-step', version: 1 },
      network: { type: model.constructor.name, parameters: countParameters(model).parameters },
      adapter: gpu.adapter.description || gpu.adapter.device,
      ...{ clock, stepsBefore, batchSize: values.images.shape[0], images: values.images.shape, loss },
      optimizer: { type: optimizer.constructor.name, hyperparameters },
      ...{ modules: seen.modules, nodes, dispatches },
      memory: { standing, samples: seen.samples },
      parameters: parameterRecords(values),
    };
    return { record, values };
  } finally {
    state.release();
  }
}

/** Runs a step under the profiler: what was seen of it, and its dispatches with their times. Its numbers are those of a step that is not timed. */
export async function timedStep(gpu: Gpu, model: Module, step: Step) {
  await gpu.finish();
  const { result: seen, dispatches: all, clock } = await timedDispatches(gpu, () => watchStep(gpu, model, step));
  const origin = all[0]?.start ?? 0;
  let span = 0;
  const dispatches = all.map(({ start, duration, kernel, operation, workgroups, flops, bytes }, i): DispatchRecord => {
    while (span + 1 < seen.spans.length && seen.spans[span + 1].from <= i) span++;
    const { from: _, ...place } = seen.spans[span];
    return { kernel, operation, ...place, workgroups, flops, bytes, start: start - origin, ms: duration };
  });
  return { seen, dispatches, clock };
}

/** What the optimizer keeps for parameters, copied to the host. */
async function keptBy(model: Module, optimizer: Optimizer) {
  const { tensors, scalars } = optimizer.stateDict();
  const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const parameters = optimizer.groups.flatMap((group) => group.parameters);
  const values = new Map<string, Map<string, Values>>();
  for (const [key, { data }] of await downloadTensors(tensors)) {
    const [place, ...rest] = key.split('.');
    const name = names.get(parameters[Number(place)]) ?? place;
    if (!values.has(name)) values.set(name, new Map());
    values.get(name)?.set(rest.join('.'), data);
  }
  const steps = new Map(parameters.map((parameter, i) => [names.get(parameter) ?? `${i}`, scalars.steps[i]]));
  return { values, steps };
}

type Kept = Awaited<ReturnType<typeof keptBy>>;

/** Runs the step with all its tensors kept, and copies them to the host. */
async function withValues(
  { gpu, model, optimizer, step }: StepToRecord,
  from: { tensors: Map<string, HostTensor<Values>>; kept: Kept },
  readsImages: boolean,
): Promise<StepValues> {
  const held: DeviceArray[] = [];
  const hold = <T extends DeviceArray>(array: T): T => {
    held.push(array.retain());
    return array;
  };
  let images: Tensor | undefined;
  const outputs: DeviceArray<'f32'>[] = [];
  const gradients = new Map<number, DeviceArray<'f32'>>();
  const known = new Set<DeviceArray>([...model.stateDict().values()].map(({ buffer }) => buffer));
  const saved = new Map<number, DeviceArray[]>();
  try {
    watchStep(gpu, model, step, {
      images: (x) => {
        images = x;
        known.add(hold(x.buffer));
        // Where nothing that reads them learns, they would put operations onto the tape that the step does not.
        if (readsImages) x.requiresGrad = true;
      },
      node: (node, index) => {
        outputs[index] = hold(node.output.buffer);
        known.add(node.output.buffer);
        const own = node.saved.filter((array) => !known.has(array));
        if (own.length > 0) saved.set(index, own.map(hold));
        node.output.registerHook(({ buffer }) => gradients.set(index, hold(buffer)));
      },
    });
    if (images === undefined) throw new Error('inspect: the step did not call the model.');
    const read = (array: DeviceArray | undefined) => array && (array.read() as Promise<Values>);
    const after = await keptBy(model, optimizer);
    const parameterGradients = new Map<string, Values>();
    for (const [name, { grad }] of model.namedParameters()) if (grad) parameterGradients.set(name, await grad.data());
    const kept: StepValues['saved'] = new Map();
    for (const [index, arrays] of saved) kept.set(index, await Promise.all(arrays.map((array) => array.read())));
    return {
      images: { shape: images.shape, data: await images.data() },
      imageGradient: await images.grad?.data(),
      activations: (await Promise.all(outputs.map(read))) as Values[],
      gradients: await Promise.all(outputs.map((_, index) => read(gradients.get(index)))),
      saved: kept,
      before: from.tensors,
      after: await downloadTensors(model.stateDict()),
      parameterGradients,
      stateBefore: from.kept.values,
      stateAfter: after.values,
      stepsDone: from.kept.steps,
    };
  } finally {
    images?.zeroGrad();
    for (const array of held) array.release();
  }
}

function standingMemory(model: Module, optimizer: Optimizer) {
  const bytes = (tensors: Iterable<Tensor>) => [...tensors].reduce((sum, { buffer }) => sum + buffer.bytes, 0);
  return {
    parameters: bytes(model.parameters()),
    buffers: bytes(model.buffers()),
    optimizer: bytes(optimizer.stateDict().tensors.values()),
  };
}

function parameterRecords({ before, after, parameterGradients }: StepValues): ParameterRecord[] {
  return [...before].map(([name, { shape, data }]) => {
    const gradient = parameterGradients.get(name);
    const update = after.get(name)?.data.map((value, i) => value - data[i]);
    return {
      ...{ name, shape, value: tensorStatistics(data) },
      ...(gradient && { gradient: tensorStatistics(gradient) }),
      ...(update && { update: tensorStatistics(update) }),
    };
  });
}
