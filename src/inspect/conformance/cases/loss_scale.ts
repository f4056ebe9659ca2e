import { type LossScale, type ScaleMoves, unscaleGradients } from '../../../kernels/loss_scale.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { KernelCase, KernelFamily, Numbers, Output } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

const MOVES: ScaleMoves = { growth: 2, backoff: 0.5, interval: 3 };
/** Lengths of the gradients: small ones, of which several lie in one stretch, and a large one, which is cut into pieces. */
const LENGTHS = [1, 7, 70_001];

/** What the scale and its state are after steps of which some have gradients that are not finite. */
function scaleByHand(
  bad: readonly boolean[],
  start: number,
  growth: number,
): { scale: number; state: number[]; factor: number } {
  let [scale, good, skipped, row, factor] = [start, 0, 0, 0, 0];
  for (const isBad of bad) {
    factor = 1 / scale;
    if (isBad) [scale, good, skipped, row] = [scale * MOVES.backoff, 0, skipped + 1, row + 1];
    else {
      [good, row] = [good + 1, 0];
      if (good === MOVES.interval) [scale, good] = [scale * growth < 2 ** 128 ? scale * growth : scale, 0];
    }
  }
  return { scale, state: [good, skipped, row, Number(bad[bad.length - 1])], factor };
}

/** Steps by what is put into one of their gradients: nothing, or a number that is not finite. */
const scaleCase = (
  name: string,
  steps: readonly (number | undefined)[],
  { start = 1024, growth = MOVES.growth } = {},
): KernelCase => ({
  name,
  quick: true,
  prepare() {
    const bad = steps.map((value) => value !== undefined);
    const { scale, state, factor } = scaleByHand(bad, start, growth);
    const gradients = LENGTHS.map((length, i) => randomValues(length, i + 1));
    const run = (gpu: Gpu): LossScale & { grads: ReturnType<Gpu['upload']>[] } => {
      const at = {
        scale: gpu.upload(Float32Array.of(start), 'scale'),
        state: gpu.upload(new Float32Array(4), 'state'),
      };
      let grads: ReturnType<typeof gpu.upload<Float32Array>>[] = [];
      for (const [step, value] of steps.entries()) {
        grads = gradients.map((values) => gpu.upload(values, 'grad'));
        if (value !== undefined) {
          // In another gradient each time, and at its end.
          const which = step % LENGTHS.length;
          const values = gradients[which].slice();
          values[values.length - 1] = value;
          gpu.write(grads[which], values);
        }
        unscaleGradients(grads, at, { ...MOVES, growth });
      }
      return { ...at, grads };
    };
    const exact = (output: string, values: Numbers, of: (found: ReturnType<typeof run>) => LossScale['scale']) => {
      return (gpu: Gpu): Output => ({
        ...{ name: output, values, roundings: 'none', run: () => of(run(gpu)) },
      });
    };
    const ends = [
      exact('scale', [scale], (found) => found.scale),
      exact('state', state, (found) => found.state),
      // The scale is a power of two, so that dividing by it is exact. Of a step that is skipped the gradients say nothing.
      ...(bad[bad.length - 1]
        ? []
        : gradients.map((values, i) =>
            exact(
              `gradient of ${LENGTHS[i]}`,
              values.map((v) => v * factor),
              (found) => found.grads[i] as LossScale['scale'],
            ),
          )),
    ];
    return (gpu) => ends.map((end) => end(gpu));
  },
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Dynamic scaling of the loss, by the rule of PyTorch's GradScaler. */
export const LOSS_SCALE: KernelFamily = {
  kernels: 'loss_scale',
  cases: [
    scaleCase('all steps good: the scale grows every third', Array<undefined>(7).fill(undefined)),
    scaleCase('an infinity, then a NaN, then good steps', [undefined, infinity, nan, undefined, undefined]),
    scaleCase('the last step is skipped', [undefined, undefined, -infinity]),
    // Far enough from the largest number for gradients divided by it to be no subnormal ones, which drivers may take for 0.
    scaleCase('a scale that cannot grow', Array<undefined>(4).fill(undefined), { start: 2 ** 90, growth: 2 ** 40 }),
  ],
};
