import type { BatchNormOptions } from '../../autograd/ops/batch_norm.ts';
import { isGradEnabled, watchTape } from '../../autograd/tape.ts';
import type { TapeNode, Tensor } from '../../autograd/tensor.ts';
import { BatchNorm2d } from '../../nn/layers/batch_norm2d.ts';
import type { Module } from '../../nn/module.ts';
import { median } from '../../runtime/timing.ts';
import { type ChannelSums, channelNumbers, channelSums } from './channel_sums.ts';
import type { Readings } from './readings.ts';
import type { EvaluatingNorm, LayerSample, StepSample } from './training_history.ts';

/** The operations on the tape that are looked at, by their names. */
const FUNCTIONS: Readonly<Record<string, LayerSample['kind']>> = {
  relu: 'relu',
  addRelu: 'relu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
};

interface Measured {
  name: string;
  module: Module;
  kind: LayerSample['kind'];
  output: ChannelSums;
  gradient?: ChannelSums;
}

interface MeasuredNorm {
  name: string;
  norm: BatchNorm2d;
  input: ChannelSums;
  runningMean: number;
  runningVar: number;
}

/** The function of an operation, if it is one of those that are looked at: ReLU within a batch norm too. */
function functionOf({ name, settings }: TapeNode): LayerSample['kind'] | undefined {
  return FUNCTIONS[name === 'batchNorm2d' ? ((settings as BatchNormOptions).activation ?? '') : name];
}

/** Looks at what the modules of a model give in one step, through hooks that are gone afterwards. All sums are made on the device. */
export class LayerProbe {
  readonly #model: Module;
  readonly #readings: Readings;
  readonly #onBackward: () => void;
  #measured: Measured[] = [];
  #norms: MeasuredNorm[] = [];
  #input: ChannelSums | undefined;

  /** onBackward: told once when the backward pass has begun, before any parameter has its gradient. */
  constructor(model: Module, readings: Readings, onBackward: () => void) {
    this.#model = model;
    this.#readings = readings;
    this.#onBackward = onBackward;
  }

  /** Runs a step and looks at its first forward pass through each module, and at the backward pass. */
  watch<R>(work: () => R): R {
    const done = new Set<Module>();
    let waiting: Measured[] = [];
    const see = (node: TapeNode) => {
      const kind = functionOf(node);
      if (kind) waiting.push({ name: '', module: this.#model, kind, output: channelSums(node.output, this.#readings) });
    };
    const removers = this.#model.namedModules().map(([name, module]) =>
      module.registerForwardHook((_module, input, output) => {
        if (!isGradEnabled()) return;
        this.#input ??= channelSums(input, this.#readings);
        const [found, first] = [waiting, !done.has(module)];
        waiting = [];
        done.add(module);
        if (!first) return;
        if (module.ownParameters().some(({ shape }) => shape.length >= 2)) this.#weights(name, module, output);
        this.#measured.push(...found.map((one) => ({ ...one, name, module })));
        if (module instanceof BatchNorm2d && !module.training) this.#norm(name, module, input);
      }),
    );
    try {
      return watchTape(see, work);
    } finally {
      for (const remove of removers) remove();
    }
  }

  #weights(name: string, module: Module, output: Tensor): void {
    const one: Measured = { name, module, kind: 'weights', output: channelSums(output, this.#readings) };
    this.#measured.push(one);
    if (!output.requiresGrad) return;
    output.registerHook((gradient) => {
      this.#onBackward();
      one.gradient ??= channelSums(gradient, this.#readings, true);
    });
  }

  #norm(name: string, norm: BatchNorm2d, input: Tensor): void {
    const { runningMean, runningVar } = norm;
    this.#norms.push({
      ...{ name, norm, input: channelSums(input, this.#readings) },
      runningMean: this.#readings.add(runningMean.buffer),
      runningVar: this.#readings.add(runningVar.buffer),
    });
  }

  /** What was seen, from the values of the readings. */
  sample(values: Float32Array): Pick<StepSample, 'input' | 'layers' | 'evaluatingNorms'> {
    const layers = this.#measured.map(({ name, module, kind, output, gradient }): LayerSample => {
      const { mean, deviation, deadChannels } = channelNumbers(output, values);
      const { channels } = output;
      const sample = { name, type: module.constructor.name, kind, channels, mean, deviation, deadChannels };
      return gradient ? { ...sample, gradientNorm: channelNumbers(gradient, values).norm } : sample;
    });
    const input = this.#input && channelNumbers(this.#input, values);
    return {
      ...(input && { input: { mean: input.mean, deviation: input.deviation } }),
      layers,
      evaluatingNorms: this.#norms.map((one) => evaluatingNorm(one, values)),
    };
  }
}

function evaluatingNorm(
  { name, norm, input, runningMean, runningVar }: MeasuredNorm,
  values: Float32Array,
): EvaluatingNorm {
  const { means, deviations } = channelNumbers(input, values);
  const own = deviations.map((deviation) => Math.sqrt(deviation ** 2 + norm.eps));
  const running = means.map((_, c) => Math.sqrt(values[runningVar + c] + norm.eps));
  return {
    name,
    learns: norm.weight.requiresGrad || norm.bias.requiresGrad,
    meanDistance: median(means.map((mean, c) => Math.abs(mean - values[runningMean + c]) / running[c])),
    deviationRatio: median(own.map((one, c) => Math.max(one / running[c], running[c] / one))),
  };
}
