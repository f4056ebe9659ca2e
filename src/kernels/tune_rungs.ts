import { rungsFor } from '../runtime/choose_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import { defaultRungs, type RungTable, SHAPE_CLASSES, type ShapeClass } from '../runtime/rungs.ts';
import { timeCall } from '../runtime/timing.ts';
import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.ts';
import { depthwiseConv2d } from './depthwise_conv2d.ts';
import { groupedConv2d } from './grouped_conv2d.ts';
import { matmul } from './matmul.ts';

/** A call shorter than this is repeated within a sample, so that waiting for the device does not weigh. */
const SAMPLE_MS = 10;
/** Samples of each rung; the fastest counts, as whatever else runs on the machine only adds. */
const SAMPLES = 3;

const convolution = (size: number, ci: number, co: number): Conv2dShape => ({
  ...{ n: 16, h: size, w: size, ci, co, kh: 3, kw: 3 },
  ...{ strideH: 1, strideW: 1, padH: 1, padW: 1, dilationH: 1, dilationW: 1, oh: size, ow: size },
});

/** The forward pass of a convolution in groups of channels. */
const inGroups =
  (forward: typeof groupedConv2d, groups: number): Work =>
  (_, array) => {
    const s = { ...WIDE, groups };
    const [x, weight] = [array(s.n * s.h * s.w * s.ci), array((s.kh * s.kw * s.ci * s.co) / groups)];
    return () => void forward(x, weight, undefined, s);
  };

const WIDE = convolution(16, 64, 64);
const NARROW = convolution(16, 32, 32);
const MANY_CHANNELS = { ...convolution(16, 128, 128), n: 8 };
const FEW_CHANNELS = convolution(32, 3, 64);

type Work = (gpu: Gpu, array: (length: number) => DeviceArray<'f32'>) => () => void;

const product =
  (m: number, k: number, n: number): Work =>
  (_, array) => {
    const [a, b] = [array(m * k), array(k * n)];
    return () => void matmul(a, b, { m, n, k });
  };

function pass(s: Conv2dShape, which: 'forward' | 'input' | 'weight'): Work {
  return (_, array) => {
    const [x, dy] = [array(s.n * s.h * s.w * s.ci), array(s.n * s.oh * s.ow * s.co)];
    const weight = array(s.kh * s.kw * s.ci * s.co);
    if (which === 'forward') return () => void conv2d(x, weight, undefined, s);
    if (which === 'input') return () => void conv2dInputGrad(dy, weight, s);
    return () => void conv2dWeightGrad(x, dy, s);
  };
}

/** A shape of the lab's networks for each class. */
const WORK: Readonly<Record<ShapeClass, Work>> = {
  matmul: product(512, 512, 512),
  'matmul-narrow': product(1024, 512, 32),
  conv2d: pass(WIDE, 'forward'),
  'conv2d-narrow': pass(NARROW, 'forward'),
  'conv2d-few-channels': pass(FEW_CHANNELS, 'forward'),
  'conv2d-3x3': pass(MANY_CHANNELS, 'forward'),
  'conv2d-input-grad': pass(WIDE, 'input'),
  'conv2d-input-grad-narrow': pass(NARROW, 'input'),
  'conv2d-input-grad-3x3': pass(MANY_CHANNELS, 'input'),
  'conv2d-weight-grad': pass(WIDE, 'weight'),
  'conv2d-weight-grad-narrow': pass(NARROW, 'weight'),
  'conv2d-weight-grad-few-channels': pass(FEW_CHANNELS, 'weight'),
  'conv2d-weight-grad-3x3': pass(MANY_CHANNELS, 'weight'),
  'grouped-conv2d': inGroups(groupedConv2d, 4),
  'depthwise-conv2d': inGroups(depthwiseConv2d, 64),
};

/**
 * Measures which rung is the fastest for each class of shapes: seconds, most of them for compiling. The naive rung is not asked, as it is the others'
 * oracle and nowhere near them. Where two are about equally fast another run may choose otherwise, so keep the answer: other rungs give other bits.
 */
export async function tuneRungs(gpu: Gpu): Promise<RungTable> {
  const table: Record<ShapeClass, RungTable[ShapeClass]> = { ...defaultRungs(gpu.adapter) };
  const rungs = rungsFor(gpu).filter((rung) => rung !== 'naive');
  const forced = gpu.forcedRung;
  try {
    for (const shapeClass of SHAPE_CLASSES) {
      await gpu.scope(async () => {
        const call = WORK[shapeClass](gpu, (length) => gpu.upload(new Float32Array(length).fill(0.5), 'tuning'));
        let least = Number.POSITIVE_INFINITY;
        for (const rung of rungs) {
          // Where there is none
          if (rung === 'subgroup' && shapeClass === 'grouped-conv2d') continue;
          if (rung === 'winograd' && !shapeClass.endsWith('-3x3')) continue;
          gpu.forcedRung = rung;
          await timeCall(gpu, call, 1); // compiles
          const repetitions = Math.max(1, Math.ceil(SAMPLE_MS / (await timeCall(gpu, call, 1))));
          for (let i = 0; i < SAMPLES; i++) {
            const ms = await timeCall(gpu, call, repetitions);
            if (ms < least) {
              least = ms;
              table[shapeClass] = rung;
            }
          }
        }
      });
    }
  } finally {
    gpu.forcedRung = forced;
  }
  return table;
}
