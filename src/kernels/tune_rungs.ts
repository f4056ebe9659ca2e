import { watchRungs } from '../runtime/choose_rung.ts';
import { fastestRung, type RungTimes } from '../runtime/fastest_rung.ts';
import type { DeviceArray, Gpu } from '../runtime/gpu.ts';
import {
  defaultRungs,
  type ProductSizes,
  type RungName,
  type RungTable,
  SHAPE_CLASSES,
  type ShapeClass,
} from '../runtime/rungs.ts';
import { timeCall } from '../runtime/timing.ts';
import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.ts';
import { depthwiseConv2d } from './depthwise_conv2d.ts';
import { groupedConv2d } from './grouped_conv2d.ts';
import { likelyTiles } from './likely_tiles.ts';
import { matmul } from './matmul.ts';

/** A call shorter than this is repeated within a sample, so that waiting for the device does not weigh. */
const SAMPLE_MS = 10;
/** Samples of each version. They take turns, so that a busy moment of the machine meets them all. */
const SAMPLES = 5;
/** Tiles that are measured for a class, and images in a batch: a software driver compiles for seconds and has a few cores. */
const EFFORT = { software: { tiles: 2, batch: 4 }, hardware: { tiles: 5, batch: 128 } };

/** Work of a class: as a product of matrices, where its kernels have tiles, and how to call it. */
interface Work {
  sizes?: ProductSizes;
  prepare(array: (length: number) => DeviceArray<'f32'>): () => void;
}

const product = (m: number, k: number, n: number): Work => ({
  sizes: { rows: m, columns: n, depth: k },
  prepare(array) {
    const [a, b] = [array(m * k), array(k * n)];
    return () => void matmul(a, b, { m, n, k });
  },
});

const convolution = (n: number, size: number, ci: number, co: number, k = 3): Conv2dShape => ({
  ...{ n, h: size, w: size, ci, co, kh: k, kw: k, oh: size, ow: size },
  ...{ strideH: 1, strideW: 1, padH: k >> 1, padW: k >> 1, dilationH: 1, dilationW: 1 },
});

function pass(s: Conv2dShape, which: 'forward' | 'input' | 'weight'): Work {
  const [pixels, taps] = [s.n * s.oh * s.ow, s.kh * s.kw];
  const sizes = {
    forward: { rows: pixels, columns: s.co, depth: taps * s.ci },
    input: { rows: pixels, columns: s.ci, depth: taps * s.co },
    weight: { rows: taps * s.ci, columns: s.co, depth: pixels },
  };
  return {
    sizes: sizes[which],
    prepare(array) {
      const [x, dy] = [array(s.n * s.h * s.w * s.ci), array(pixels * s.co)];
      const weight = array(taps * s.ci * s.co);
      if (which === 'forward') return () => void conv2d(x, weight, undefined, s);
      if (which === 'input') return () => void conv2dInputGrad(dy, weight, s);
      return () => void conv2dWeightGrad(x, dy, s);
    },
  };
}

/** The forward pass of a convolution in groups of channels. */
const inGroups = (forward: typeof groupedConv2d, plain: Conv2dShape, groups: number): Work => ({
  prepare(array) {
    const s = { ...plain, groups };
    const [x, weight] = [array(s.n * s.h * s.w * s.ci), array((s.kh * s.kw * s.ci * s.co) / groups)];
    return () => void forward(x, weight, undefined, s);
  },
});

/** A shape of the lab's networks for each class; n: images of a batch. */
function workOf(shapeClass: ShapeClass, n: number): Work {
  const wide = convolution(n, 16, 64, 64);
  const narrow = convolution(n, 16, 32, 32);
  const few = convolution(n, 32, 3, 64);
  const many = convolution(n, 16, 128, 128);
  // Not of the class 3x3, however long its sums.
  const halving = { ...convolution(n, 8, 128, 256), strideH: 2, strideW: 2, oh: 4, ow: 4 };
  const work: Readonly<Record<ShapeClass, () => Work>> = {
    matmul: () => product(64 * n, 512, 512),
    'matmul-narrow': () => product(128 * n, 512, 32),
    'matmul-large-k': () => product(n, 4096, 256),
    conv2d: () => pass(wide, 'forward'),
    'conv2d-narrow': () => pass(narrow, 'forward'),
    'conv2d-large-k': () => pass(halving, 'forward'),
    'conv2d-few-channels': () => pass(few, 'forward'),
    'conv2d-3x3': () => pass(many, 'forward'),
    'conv2d-1x1': () => pass(convolution(n, 16, 64, 128, 1), 'forward'),
    'conv2d-1x1-narrow': () => pass(convolution(n, 16, 96, 24, 1), 'forward'),
    'conv2d-input-grad': () => pass(wide, 'input'),
    'conv2d-input-grad-narrow': () => pass(narrow, 'input'),
    'conv2d-input-grad-large-k': () => pass(halving, 'input'),
    'conv2d-input-grad-3x3': () => pass(many, 'input'),
    'conv2d-weight-grad': () => pass(wide, 'weight'),
    'conv2d-weight-grad-narrow': () => pass(narrow, 'weight'),
    'conv2d-weight-grad-few-channels': () => pass(few, 'weight'),
    'conv2d-weight-grad-3x3': () => pass(many, 'weight'),
    'grouped-conv2d': () => inGroups(groupedConv2d, wide, 4),
    'depthwise-conv2d': () => inGroups(depthwiseConv2d, wide, wide.ci),
  };
  return work[shapeClass]();
}

/** What was measured of a class. */
export interface ClassTimes {
  shapeClass: ShapeClass;
  /** Of its versions, the usual one first. */
  times: RungTimes[];
  /** The one to take. */
  chosen: RungName;
}

/** What `tuneRungs` found. */
export interface Tuning {
  rungs: RungTable;
  classes: ClassTimes[];
}

export interface TuneOptions {
  /** What is measured; the others keep their usual version. Default: all. */
  classes?: readonly ShapeClass[];
  /** Images in a batch. Default: by the kind of adapter. */
  batch?: number;
}

/** Times of a class's versions, the usual one first; each runs once before, as it has a pipeline to compile. */
async function timesOf(
  gpu: Gpu,
  shapeClass: ShapeClass,
  { sizes, prepare }: Work,
  tiles: number,
): Promise<RungTimes[]> {
  const call = prepare((length) => gpu.upload(new Float32Array(length).fill(0.5), 'tuning'));
  const taken = (forced: RungName | undefined): RungName | undefined => {
    gpu.forcedRung = forced;
    // The first: Winograd's rung chooses once more, for its products.
    let first: RungName | undefined;
    watchRungs(
      (_, rung) => {
        first ??= rung;
      },
      () => gpu.scope(call),
    );
    return first;
  };
  const usual = taken(undefined) as RungName;
  const wanted = new Set<RungName>([usual, 'tiled', 'subgroup', ...(sizes ? likelyTiles(gpu, sizes, tiles) : [])]);
  if (shapeClass.endsWith('-3x3')) wanted.add('winograd');
  const contenders: { rung: RungName; repetitions: number; ms: number[] }[] = [];
  for (const rung of wanted) {
    if (taken(rung) !== rung) continue; // another takes its place
    await gpu.finish();
    contenders.push({ rung, repetitions: Math.max(1, Math.ceil(SAMPLE_MS / (await timeCall(gpu, call, 1)))), ms: [] });
  }
  for (let i = 0; i < SAMPLES; i++) {
    for (const { rung, repetitions, ms } of contenders) {
      gpu.forcedRung = rung;
      ms.push(await timeCall(gpu, call, repetitions));
    }
  }
  return contenders.map(({ rung, ms }) => ({ rung, ms }));
}

/**
 * Measures which version is the fastest for each class of shapes: seconds, most of them for compiling. Asked are the tiled and the subgroup rung and, of the
 * blocked one's tiles, those that the device has room for and that seem likely (`likelyTiles`); in the classes that it has of its own, Winograd's. The naive
 * rung is not, as it is the others' oracle and nowhere near them. Where two are about equally fast another run may choose otherwise, so keep the answer: other versions give other bits.
 */
export async function tuneRungs(gpu: Gpu, options: TuneOptions = {}): Promise<Tuning> {
  const { tiles, batch } = { ...EFFORT[gpu.adapter.software ? 'software' : 'hardware'], ...options };
  const rungs: Record<ShapeClass, RungName> = { ...defaultRungs(gpu.adapter) };
  const classes: ClassTimes[] = [];
  const before = { forcedRung: gpu.forcedRung, rungs: gpu.rungs };
  try {
    gpu.rungs = rungs;
    for (const shapeClass of options.classes ?? SHAPE_CLASSES) {
      const times = await gpu.scope(() => timesOf(gpu, shapeClass, workOf(shapeClass, batch), tiles));
      const chosen = fastestRung(times);
      classes.push({ shapeClass, times, chosen });
      rungs[shapeClass] = chosen;
    }
  } finally {
    gpu.forcedRung = before.forcedRung;
    gpu.rungs = before.rungs;
  }
  return { rungs, classes };
}
