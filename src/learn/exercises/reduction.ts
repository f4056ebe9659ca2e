import { BoundedSum, expectEach } from '../bounded_sum.ts';
import { input, randomValues } from '../case_data.ts';
import type { Exercise, ExerciseCase } from '../exercise.ts';

function squareSums(lengths: readonly number[], first: number, workgroups: ExerciseCase['workgroups']): ExerciseCase {
  // A piece begins at a multiple of 4; what lies between two pieces must not be counted.
  const starts: number[] = [];
  let end = 0;
  for (const length of lengths) {
    starts.push(end);
    end += 4 * Math.ceil(length / 4) + 4;
  }
  const x = input('i', [end], end);
  const pieces = lengths.length;
  const before = new Float32Array(first + pieces).fill(Number.NaN);
  before.set(randomValues(first, first));
  const expected = expectEach(first + pieces, (i) => {
    if (i < first) return [before[i], 0];
    const sum = new BoundedSum();
    for (let k = 0; k < lengths[i - first]; k++) sum.add(x.data[starts[i - first] + k] ** 2);
    return sum;
  });
  const sizes = lengths.length > 9 ? `${lengths.length} pieces of ${lengths[0]}` : `pieces of ${lengths.join(', ')}`;
  return {
    title: `${sizes} elements, first = ${first}`,
    arrays: {
      x,
      piece: {
        axes: 'piece, start or length',
        shape: [pieces, 2],
        data: Uint32Array.from(lengths.flatMap((length, p) => [starts[p], length])),
      },
      partial: { axes: 'first + piece', shape: [first + pieces], data: before, expected },
    },
    params: { pieces, first },
    workgroups,
  };
}

/** Sums of squares over pieces, a workgroup each. */
export const REDUCTION: Exercise = {
  name: 'reduction',
  title: 'Reduction: a workgroup adds up',
  teaches: 'workgroup memory, the barrier between writing it and reading it, and a sum in a fixed order',
  shader: 'square_sums',
  holes: [
    { first: 'sum += value * value;', instead: ['    // TODO 1: add the squares of the four values to `sum`.'] },
    {
      first: 'for (var half = 32u; half > 0u; half /= 2u) {',
      last: '}',
      instead: [
        '  // TODO 2: add the 64 sums up in pairs: in the first turn invocation 0 adds sums[32] to sums[0], 1 adds sums[33] to sums[1] … 31 adds sums[63];',
        '  // in the next turn 16 invocations do so, then 8, 4, 2, 1. Each turn reads what others wrote before: what must stand at its beginning?',
        '',
      ],
    },
  ],
  hints: [
    'Two steps: each of the 64 invocations adds every 64th vec4 of the piece; then the 64 sums are added in pairs: 32, 16, … 1.',
    'Before an invocation reads what another wrote to `sums`, all of them must have come to a `workgroupBarrier()`: in every turn of the loop.',
    'The turn: barrier, then `if (invocation < half) { sums[invocation] += sums[invocation + half]; }`. The barrier stands outside of the if: all invocations must reach it.',
  ],
  meanings: {
    race: 'Each turn of the loop reads what the turn before wrote: a barrier must stand between the two.',
    scattered: 'Some pieces are right: look at those longer than 64 vec4s, and at a length that is no multiple of 4.',
    'one-case': 'The sums begin at place `params.first` of `partial`; what stands before it is to be left alone.',
    all: 'Does each invocation begin at its own number and step by 64? Are all four components of the vec4 added?',
  },
  cases: () => [squareSums([300, 258, 5], 0, [3]), squareSums([1000, 3, 64, 777, 256], 2, [3, 2])],
  small: () => squareSums([300, 7], 1, [2]),
  speed: () => ({
    case: squareSums(
      Array.from({ length: 256 }, () => 4096),
      0,
      [256],
    ),
  }),
  next: 'shaders/reduce_sum.wgsl: a sum of another shape, without workgroup memory, and shaders/softmax_loss.wgsl: a row shared by lanes',
};
