import { badLabel } from '../autograd/known_labels.ts';
import { areLabels, type Targets } from '../autograd/ops/softmax_loss.ts';
import { noGrad, watchTape } from '../autograd/tape.ts';
import type { TapeNode, Tensor } from '../autograd/tensor.ts';
import { copy } from '../kernels/elementwise.ts';
import type { Module } from './module.ts';

/** The first tensor of a model that holds a NaN or an infinity. As text: "the output of features.block1.bn1 (BatchNorm2d) holds NaN". */
export class NonFinite {
  readonly kind: 'parameter' | 'buffer' | 'input' | 'output' | 'gradient';
  /** Dotted name of the parameter, buffer or module; '' for the model itself. */
  readonly name: string;
  /** The first such value, and where it stands in the tensor. */
  readonly value: number;
  readonly index: number;
  readonly #subject: string;

  constructor(kind: NonFinite['kind'], name: string, subject: string, value: number, index: number) {
    this.kind = kind;
    this.name = name;
    this.value = value;
    this.index = index;
    this.#subject = subject;
  }

  toString(): string {
    return `${this.#subject} holds ${this.value}`;
  }
}

type Subject = readonly [kind: NonFinite['kind'], name: string, subject: string, tensor: Tensor];

/**
 * Finds where a NaN or an infinity first appeared. It looks at the parameters, the buffers and the input, at the output of each module in the order
 * of the forward pass, and at the gradients that the parameters hold. Returns the first that is not finite, or undefined. Runs one forward pass in
 * the model's present mode; running statistics and the device's generator are left as they were.
 */
export async function findNonFinite(model: Module, x: Tensor): Promise<NonFinite | undefined> {
  const parameters = model.namedParameters();
  const resting: Subject[] = [
    ...parameters.map(([name, tensor]): Subject => ['parameter', name, `the parameter ${name}`, tensor]),
    ...model.namedBuffers().map(([name, tensor]): Subject => ['buffer', name, `the buffer ${name}`, tensor]),
    ['input', '', 'the input', x],
  ];
  const outputs = async () => (await firstNonFinite(resting)) ?? (await firstNonFiniteOutput(model, x));
  return (await outputs()) ?? firstNonFinite(gradientsOf(model));
}

/**
 * Does one training step without its update, and finds where in it a NaN or an infinity first appeared. It looks at the parameters, the buffers and
 * the input, at the output of each operation in the order of the forward pass, and at the gradients in the order of the backward pass. Returns the
 * first that is not finite. Returns undefined where all are finite; the parameters then hold their gradients.
 *
 * forward: runs the model on a batch and returns the loss, []. Operations of parts of the model in which nothing learns count as their module.
 */
export function findNonFiniteInStep(model: Module, forward: () => Tensor): Promise<NonFinite | undefined> {
  const [parameter] = model.parameters();
  return parameter.gpu.scope(async () => {
    const resting = await firstNonFinite([
      ...model.namedParameters().map(([name, tensor]): Subject => ['parameter', name, `the parameter ${name}`, tensor]),
      ...model.namedBuffers().map(([name, tensor]): Subject => ['buffer', name, `the buffer ${name}`, tensor]),
    ]);
    if (resting) return resting;
    const { outputs, loss } = tracedForward(model, forward);
    const born = await firstNonFinite(outputs);
    for (const [, , , { buffer }] of outputs) buffer.release();
    if (born) return born;
    const gradients: Subject[] = [];
    for (const [, name, subject, tensor] of outputs) {
      if (!tensor.requiresGrad) continue;
      tensor.registerHook((grad) => {
        grad.buffer.retain();
        gradients.push(['gradient', name, `the gradient of ${subject}`, grad]);
      });
    }
    loss.backward();
    const ofOutputs = await firstNonFinite(gradients);
    for (const [, , , grad] of gradients) grad.buffer.release();
    return ofOutputs ?? firstNonFinite(gradientsOf(model));
  });
}

/** A NaN or an infinity in a training step. */
export class AnomalyError extends Error {
  override readonly name = 'AnomalyError';
  readonly found: NonFinite;

  constructor(found: NonFinite) {
    super(`detectAnomaly: ${found}.`);
    this.found = found;
  }
}

/**
 * Does one training step without its update, as `forward()` and then `backward()` on the loss that it returns do, and looks at the output of every
 * operation and at every gradient. Throws AnomalyError, which names the first operation and layer with a NaN or an infinity. For the hunt: it waits
 * for the device at every tensor. As torch.autograd.detect_anomaly, which looks at the gradients alone.
 */
export async function detectAnomaly(model: Module, forward: () => Tensor): Promise<void> {
  const found = await findNonFiniteInStep(model, forward);
  if (found) throw new AnomalyError(found);
}

function gradientsOf(model: Module): Subject[] {
  return model
    .namedParameters()
    .flatMap(([name, { grad }]) => (grad ? [['gradient', name, `the gradient of ${name}`, grad] as const] : []));
}

/**
 * Runs a forward pass; what each operation in it gave, in order, by the innermost module that it is part of. The caller owns the tensors.
 */
function tracedForward(model: Module, forward: () => Tensor): { outputs: Subject[]; loss: Tensor } {
  const outputs: Subject[] = [];
  let waiting: TapeNode[] = [];
  const own = (tensor: Tensor) => {
    tensor.buffer.retain();
    return tensor;
  };
  const attribute = (name: string, where: string) => {
    for (const { name: operation, output } of waiting) {
      outputs.push(['output', name, `the output of ${operation} in ${where}`, output]);
    }
    waiting = [];
  };
  const removers = model.namedModules().map(([name, module]) =>
    module.registerForwardHook((_module, input, output) => {
      if (outputs.length === 0) outputs.push(['input', '', 'the input', own(input)]);
      const where = `${name === '' ? 'the model' : name} (${module.constructor.name})`;
      attribute(name, where);
      if (output.node === undefined) outputs.push(['output', name, `the output of ${where}`, own(output)]);
    }),
  );
  const see = (node: TapeNode) => {
    own(node.output);
    waiting.push(node);
  };
  try {
    const loss = watchTape(see, forward);
    attribute('', 'the loss');
    return { outputs, loss };
  } finally {
    for (const remove of removers) remove();
  }
}

/**
 * Reads the targets of a loss back and says what is wrong with the first bad one: a label that is no class, or, in distributions [N, C], a row with a
 * value that is negative or not finite: "the label of row 3 is 12; with 10 classes it must be 0 to 9". Undefined where all are well. For losses that
 * came out as NaN. ignoreIndex: a label that stands for no class and is not bad.
 */
export async function findBadTarget(
  targets: Targets,
  classes: number,
  ignoreIndex?: number,
): Promise<string | undefined> {
  if (areLabels(targets)) {
    const labels = await targets.data();
    const row = labels.findIndex((label) => label >= classes && label !== ignoreIndex);
    return row < 0 ? undefined : badLabel(labels[row], row, classes);
  }
  const values = await targets.data();
  const at = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (at < 0) return undefined;
  return `the target of row ${Math.floor(at / classes)} holds ${values[at]} for class ${at % classes}; it must be a probability`;
}

/** Runs the model once and looks through the modules' outputs in the order in which they were made. */
async function firstNonFiniteOutput(model: Module, x: Tensor): Promise<NonFinite | undefined> {
  const outputs: Subject[] = [];
  const removers = model.namedModules().map(([name, module]) =>
    module.registerForwardHook((_module, _input, output) => {
      output.buffer.retain();
      const subject = `the output of ${name === '' ? 'the model' : name} (${module.constructor.name})`;
      outputs.push(['output', name, subject, output]);
    }),
  );
  try {
    runWithoutTrace(model, x);
    return await firstNonFinite(outputs);
  } finally {
    for (const remove of removers) remove();
    for (const [, , , output] of outputs) output.buffer.release();
  }
}

/** A forward pass that leaves running statistics and the device's generator as they were. */
function runWithoutTrace(model: Module, x: Tensor): void {
  const { gpu } = x;
  const { generator } = gpu;
  gpu.scope(() => {
    const buffers = model.buffers();
    const before = buffers.map(({ buffer }) => copy(buffer));
    noGrad(() => model.call(x));
    for (const [i, { buffer, size }] of buffers.entries()) gpu.copyRange(before[i], 0, buffer, 0, size);
  });
  gpu.generator = generator;
}

async function firstNonFinite(subjects: readonly Subject[]): Promise<NonFinite | undefined> {
  for (const [kind, name, subject, tensor] of subjects) {
    const values = await tensor.data();
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) return new NonFinite(kind, name, subject, values[index], index);
  }
  return undefined;
}
