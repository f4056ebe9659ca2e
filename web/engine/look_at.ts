import { softmax } from '../../src/autograd/ops/softmax.ts';
import { noGrad } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { BatchSource } from '../../src/data/batch_source.ts';
import { findLastSpatialLayer, gradCam } from '../../src/inspect/grad_cam.ts';
import { BatchNorm2d } from '../../src/nn/layers/batch_norm2d.ts';
import { Conv2d } from '../../src/nn/layers/conv2d.ts';
import type { ImageClassifier } from '../../src/nn/models/image_classifier.ts';
import { inEvaluationMode } from '../../src/train/inference.ts';
import type { Maps, Seen } from '../protocol.ts';
import type { Run } from './run.ts';
import type { Session } from './session.ts';

/** Layers whose maps are shown at most, and maps of each. */
const MOST_LAYERS = 4;
const MOST_MAPS = 8;

/** What a run says of one image, [H, W, C] bytes, where it looks, and what some of its layers make of it. */
export async function lookAt({ gpu, dataset }: Session, { task: { model } }: Run, pixels: Uint8Array): Promise<Seen> {
  const { generator } = gpu;
  const source = gpu.unscoped(() => new BatchSource(gpu, dataset, { images: pixels, labels: Uint8Array.of(0) }));
  const first = Uint32Array.of(0);
  const kept: { layer: string; output: Tensor; data: Promise<Float32Array> }[] = [];
  const layers = spatialLayers(model);
  const probabilities = await inEvaluationMode(model, async () => {
    const removers = layers.map(([layer, module]) =>
      module.registerForwardHook((_module, _input, output) => {
        kept.push({ layer, output, data: output.data() });
      }),
    );
    try {
      return await gpu.scope(() => noGrad(() => softmax(model.call(source.plain(first).images)))).data();
    } finally {
      for (const remove of removers) remove();
    }
  });
  const features: Maps[] = [];
  for (const { layer, output, data } of kept) {
    const [, height, width, channels] = output.shape;
    features.push({ layer, height, width, values: channelMaps(await data, channels) });
  }
  const layer = findLastSpatialLayer(model as ImageClassifier);
  let cam: Maps | undefined;
  if (layer !== undefined) {
    const { maps } = await gpu.scope(() => gradCam({ gpu, model, layer, images: source.plain(first).images }));
    cam = { layer, ...maps[0] };
  }
  gpu.generator = generator;
  return { probabilities: [...probabilities], cam, features };
}

/** Modules after a convolution, spread over the depth of the network. */
function spatialLayers(model: Run['task']['model']) {
  const all = model.namedModules();
  const norms = all.filter(([, module]) => module instanceof BatchNorm2d);
  const found = norms.length > 0 ? norms : all.filter(([, module]) => module instanceof Conv2d);
  const count = Math.min(MOST_LAYERS, found.length);
  return Array.from({ length: count }, (_, i) => found[Math.floor((i * found.length) / count)]);
}

/** Some channels of [height, width, channels] as [count, height, width]. */
function channelMaps(values: Float32Array, channels: number): Float32Array {
  const count = Math.min(MOST_MAPS, channels);
  const places = values.length / channels;
  const maps = new Float32Array(count * places);
  for (let i = 0; i < count; i++) {
    const channel = Math.floor((i * channels) / count);
    for (let place = 0; place < places; place++) maps[i * places + place] = values[place * channels + channel];
  }
  return maps;
}
