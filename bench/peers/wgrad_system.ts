import { cast } from '../../src/autograd/ops/cast.ts';
import { indices, type Tensor, tensor } from '../../src/autograd/tensor.ts';
import { GradScaler } from '../../src/nn/grad_scaler.ts';
import { CrossEntropyLoss } from '../../src/nn/losses/cross_entropy.ts';
import { Adam } from '../../src/nn/optimizers/adam.ts';
import { uploadTensors } from '../../src/nn/weights/host_tensor.ts';
import { toTorch } from '../../src/nn/weights/layout.ts';
import { openDevice } from '../../src/node.ts';
import { FlowControl } from '../../src/train/flow_control.ts';
import { type GradientFigures, gradientFigures } from './gradient_figures.ts';
import { buildNet, type Net, readInitialState } from './initial_state.ts';
import { serve, type TrainingSystem } from './training_system.ts';

// The third: f16 for activations in half precision.
const [net, width, precision] = process.argv.slice(2);
const gpu = await openDevice();

/** One training step; the same for every call of `run`. */
let step: () => void = () => {};

const system: TrainingSystem = {
  async prepare(file) {
    const { images, labels, state } = readInitialState(file);
    const model = buildNet(gpu, net as Net, Number(width));
    gpu.scope(() => model.loadStateDict(uploadTensors(gpu, state)));
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const criterion = new CrossEntropyLoss();
    // Small enough for the first step not to overflow: its gradients are compared.
    const scaler = precision === 'f16' ? new GradScaler(gpu, optimizer, { initScale: 1024 }) : undefined;
    const pixels = tensor(gpu, images.data, images.shape);
    const x = scaler ? cast(pixels, 'f16') : pixels;
    const targets = indices(gpu, labels.data);
    const train = () => {
      optimizer.zeroGrad();
      const loss = criterion.call(model.call(x), targets);
      if (scaler) scaler.backward(loss);
      else loss.backward();
      scaler?.unscale(model.parameters());
      optimizer.step();
      return loss;
    };
    step = () => gpu.scope(() => void train());
    const started = performance.now();
    const firstLoss = await gpu.scope(train).item();
    await gpu.finish();
    const firstStepMs = performance.now() - started;
    const gradients: Record<string, GradientFigures> = {};
    for (const [name, { grad }] of model.namedParameters()) {
      const { shape } = grad as Tensor;
      gradients[name] = gradientFigures(toTorch({ shape, data: await (grad as Tensor).data() }).data);
    }
    return { firstLoss, firstStepMs, gradients, device: gpu.adapter.description || gpu.adapter.device };
  },
  async run(steps) {
    const flow = new FlowControl(gpu);
    for (let i = 0; i < steps; i++) {
      step();
      await flow.step();
    }
    await gpu.finish();
  },
};

await serve(system);
