// Winograd's convolution beside the direct one, layer by layer: processor time, rounding errors, memory.
//
//   npm run bench:winograd [-- LAYER …]     LAYER: batch×size×channels, such as 16×16×128
//
// Time: the processor time of one call, all threads together, the least of `SAMPLES`, the two rungs taking turns. Error: the largest of one image, in units of what
// float32 allows for the direct sum, and the root of the mean of its square as a ratio; bound: what float32 allows Winograd's method,
// beside the direct sum, the median of all elements. Memory: the most bytes that a call holds beside its inputs.
import { convolutionByHand } from '../src/inspect/conformance/cases/convolutions.ts';
import { float32Bound } from '../src/inspect/conformance/float32_bound.ts';
import { randomValues } from '../src/inspect/conformance/random_values.ts';
import { errorOf } from '../src/inspect/conformance/run_kernel_case.ts';
import { winogradBounds } from '../src/inspect/conformance/winograd_bound.ts';
import { shapeOf } from '../src/inspect/ladder/layer.ts';
import { type Conv2dShape, conv2d, conv2dInputGrad, conv2dWeightGrad } from '../src/kernels/conv2d.ts';
import { formatTable } from '../src/lab/terminal/text_table.ts';
import { openDevice } from '../src/node.ts';
import type { DeviceArray, Gpu } from '../src/runtime/gpu.ts';
import { median } from '../src/runtime/timing.ts';

const SAMPLES = 10;
const RUNGS = ['subgroup', 'winograd'] as const;
const LAYERS = ['16×32×64', '16×16×128', '16×8×256', '128×4×512'];

type F32 = DeviceArray<'f32'>;

const PASSES: Record<
  'forward' | 'input gradient' | 'weight gradient',
  (x: F32, w: F32, dy: F32, s: Conv2dShape) => F32
> = {
  forward: (x, w, _, s) => conv2d(x, w, undefined, s),
  'input gradient': (_, w, dy, s) => conv2dInputGrad(dy, w, s),
  'weight gradient': (x, _, dy, s) => conv2dWeightGrad(x, dy, s),
};

const valuesOf = (s: Conv2dShape) => ({
  x: randomValues(s.n * s.h * s.w * s.ci, 1),
  weight: randomValues(9 * s.ci * s.co, 2),
  dy: randomValues(s.n * s.oh * s.ow * s.co, 3),
});

/** Milliseconds of processor time, and bytes beside the inputs, of a pass on each rung. */
async function cost(gpu: Gpu, s: Conv2dShape, pass: (typeof PASSES)['forward']) {
  const { x, weight, dy } = valuesOf(s);
  return gpu.scope(async () => {
    const [gx, gw, gdy] = [x, weight, dy].map((values) => gpu.upload(values, 'bench'));
    const [ms, bytes] = [RUNGS.map(() => Number.POSITIVE_INFINITY), RUNGS.map(() => 0)];
    for (let sample = 0; sample <= SAMPLES; sample++) {
      for (const [i, rung] of RUNGS.entries()) {
        gpu.forcedRung = rung;
        await gpu.finish();
        const held = gpu.memory.liveBytes;
        gpu.resetPeakBytes();
        const before = process.cpuUsage();
        gpu.scope(() => void pass(gx, gw, gdy, s));
        await gpu.finish();
        const { user, system } = process.cpuUsage(before);
        // The first call compiles.
        if (sample > 0) ms[i] = Math.min(ms[i], (user + system) / 1000);
        bytes[i] = gpu.memory.peakBytes - held;
      }
    }
    return { ms, bytes };
  });
}

/** Errors of the passes on each rung, of one image: the largest in units of the direct bound, and the mean one; and Winograd's bound in these units. */
async function errors(gpu: Gpu, s: Conv2dShape) {
  const { x, weight, dy } = valuesOf(s);
  const { y, dx, dw } = convolutionByHand(x, weight, dy, { ...s, groups: 1 });
  const expected = { forward: y, 'input gradient': dx, 'weight gradient': dw };
  const bounds = winogradBounds(x, weight, dy, s);
  const allowed = { forward: bounds.y, 'input gradient': bounds.dx, 'weight gradient': bounds.dw };
  return gpu.scope(async () => {
    const [gx, gw, gdy] = [x, weight, dy].map((values) => gpu.upload(values, 'bench'));
    const found: Record<string, { bound: number; errors: { largest: number; mean: number }[] }> = {};
    for (const [name, pass] of Object.entries(PASSES)) {
      const { values, magnitudes, terms } = expected[name as keyof typeof expected];
      const own = allowed[name as keyof typeof allowed];
      const factor = float32Bound(own.terms) / float32Bound(terms);
      const ratios = Array.from(magnitudes, (magnitude, i) => (factor * own.magnitudes[i]) / magnitude);
      found[name] = { bound: median(ratios), errors: [] };
      for (const rung of RUNGS) {
        gpu.forcedRung = rung;
        const result = await pass(gx, gw, gdy, s).read();
        const square = result.reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0);
        const largest = errorOf(result, { values, magnitudes, terms }).error;
        found[name].errors.push({ largest, mean: Math.sqrt(square / result.length) });
      }
    }
    return found;
  });
}

const gpu = await openDevice();
try {
  const given = process.argv.slice(2);
  const rows: string[][] = [];
  for (const text of given.length > 0 ? given : LAYERS) {
    const [batch, size, channels] = text.split('×').map(Number);
    const s = shapeOf({ batch, size, from: channels, to: channels, kernel: 3, stride: 1 });
    const wrong = await errors(gpu, { ...s, n: 1 });
    for (const [name, pass] of Object.entries(PASSES)) {
      const { ms, bytes } = await cost(gpu, s, pass);
      const { bound, errors: [direct, winograd] } = wrong[name]; // biome-ignore format: one line
      rows.push([
        ...[text, name, ...ms.map((value) => value.toFixed(1)), (ms[0] / ms[1]).toFixed(2)],
        ...[
          direct.largest.toFixed(3),
          winograd.largest.toFixed(3),
          (winograd.mean / direct.mean).toFixed(2),
          bound.toFixed(2),
        ],
        ...bytes.map((value) => (value / 1e6).toFixed(1)),
      ]);
    }
  }
  const both = (title: string) => RUNGS.map((rung) => `${title}, ${rung}`);
  console.log(gpu.adapter.description || gpu.adapter.device);
  console.log(
    formatTable(
      ['layer', 'pass', ...both('ms'), 'ratio', ...both('error'), 'mean error, ratio', 'bound, ratio', ...both('MB')],
      rows,
    ),
  );
} finally {
  gpu.close();
}
