import * as nn from '../../index.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Philox } from '../../runtime/philox.ts';
import { type GradcheckCase, type InputNumbers, LINEAR } from './gradcheck_case.ts';

const IMAGES = [2, 5, 6, 4];
const SPACED: InputNumbers = { shape: IMAGES, gap: 0.05 };
/** For what the first part brings near to a kink of the second. */
const SHORT = { step: 2e-3 };
/** Weights that are the same each time, chosen so that no step crosses the kink of a rectifier or changes which value is the largest. */
const drawn = (seed = 1) => ({ generator: new Philox(seed) });

const layer = (
  name: string,
  make: (gpu: Gpu) => nn.Module,
  input: GradcheckCase['inputs'][number] = IMAGES,
  options?: GradcheckCase['options'],
): GradcheckCase => ({ name, inputs: [input], layer: make, options });

/** A case for each layer, by the name of its class. */
export const LAYERS: readonly GradcheckCase[] = [
  layer('Conv2d', (gpu) => new nn.Conv2d(gpu, 4, 3, 3, { padding: 1, ...drawn() }), IMAGES, LINEAR),
  layer('ConvTranspose2d', (gpu) => new nn.ConvTranspose2d(gpu, 4, 3, 3, { stride: 2, ...drawn() }), IMAGES, LINEAR),
  layer('CosineLinear', (gpu) => new nn.CosineLinear(gpu, 7, 3, { ...drawn(), scale: 'learned' }), [5, 7]),
  layer('Linear', (gpu) => new nn.Linear(gpu, 7, 3, drawn()), [5, 7], LINEAR),
  layer('BatchNorm2d', (gpu) => new nn.BatchNorm2d(gpu, 4)),
  layer('GroupNorm', (gpu) => new nn.GroupNorm(gpu, 2, 4)),
  layer('LayerNorm', (gpu) => new nn.LayerNorm(gpu, 6), [7, 6]),
  layer('ReLU', () => new nn.ReLU(), SPACED),
  layer('LeakyReLU', () => new nn.LeakyReLU(0.1), SPACED),
  layer('Sigmoid', () => new nn.Sigmoid()),
  layer('SiLU', () => new nn.SiLU()),
  layer('GELU', () => new nn.GELU()),
  layer('Tanh', () => new nn.Tanh()),
  layer('Softmax', () => new nn.Softmax(), [5, 4]),
  layer('MaxPool2d', () => new nn.MaxPool2d(2), SPACED),
  layer('AvgPool2d', () => new nn.AvgPool2d(2), IMAGES, LINEAR),
  layer('AdaptiveAvgPool2d', () => new nn.AdaptiveAvgPool2d([2, 3]), IMAGES, LINEAR),
  layer('GlobalAvgPool2d', () => new nn.GlobalAvgPool2d(), IMAGES, LINEAR),
  layer('Flatten', () => new nn.Flatten(), IMAGES, LINEAR),
  layer('Identity', () => new nn.Identity(), IMAGES, LINEAR),
  layer('Dropout', () => new nn.Dropout(0.3), IMAGES, LINEAR),
  layer('StochasticDepth', () => new nn.StochasticDepth(0.3), [6, 3, 4, 2], LINEAR),
  layer('Upsample', () => new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), IMAGES, LINEAR),
  layer('ZeroPad2d', () => new nn.ZeroPad2d(1), IMAGES, LINEAR),
  layer('ConstantPad2d', () => new nn.ConstantPad2d(1, 2), IMAGES, LINEAR),
  layer('ReflectionPad2d', () => new nn.ReflectionPad2d(2), IMAGES, LINEAR),
  layer('ReplicationPad2d', () => new nn.ReplicationPad2d(2), IMAGES, LINEAR),
  layer('SqueezeExcitation', (gpu) => new nn.SqueezeExcitation(gpu, 4, { squeezed: 3, ...drawn() })),
  layer('ChannelAttention', (gpu) => new nn.ChannelAttention(gpu, 4, { squeezed: 3, ...drawn() }), SPACED),
  layer('SpatialAttention', (gpu) => new nn.SpatialAttention(gpu, { kernelSize: 3, ...drawn() }), SPACED),
  layer('CBAM', (gpu) => new nn.CBAM(gpu, 4, { squeezed: 3, kernelSize: 3, ...drawn() }), SPACED, SHORT),
];
