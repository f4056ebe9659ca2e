import { expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import type { Exercise, ExerciseCase } from '../exercise.ts';

function scaled(count: number, factor: number, workgroups?: ExerciseCase['workgroups']): ExerciseCase {
  const x = input('i', [count], count);
  const vectors = Math.ceil(count / 4);
  return {
    title: `${count} elements, factor ${factor}${workgroups ? `, workgroups ${workgroups.join(' × ')}` : ''}`,
    arrays: {
      x,
      y: output(
        'i',
        [count],
        expectEach(count, (i) => [Math.fround(factor) * x.data[i], 4]),
      ),
    },
    params: { vectors, factor },
    ...(workgroups ? { workgroups } : { invocations: vectors }),
  };
}

/** y = factor · x. */
export const MAP: Exercise = {
  name: 'map',
  title: 'Map: one number in, one number out',
  teaches: 'what a dispatch, a workgroup and an invocation are, and that each invocation owns one place of the output',
  shader: 'scale',
  holes: [
    {
      first: 'y[i] = params.factor * x[i];',
      instead: ['  // TODO 1: write y[i]. x[i] holds four numbers; params.factor is the number to multiply by.'],
    },
  ],
  hints: [
    'An invocation knows its number `i`. It reads the vec4 of that number and writes the vec4 of the same number.',
    'A number times a vec4 multiplies each of its four components. `params.factor` is the number.',
    'The line is an assignment to `y[i]`, and its right side is a product of two.',
  ],
  meanings: {
    factor: 'Is it `params.factor` that multiplies, once?',
    'beyond-first-workgroup': 'Index by `i`, which counts over all workgroups, and not by the place in one workgroup.',
  },
  cases: () => [scaled(2050, -1.75), scaled(3001, 0.5, [2, 2])],
  small: () => scaled(10, 3),
  speed: () => ({ case: scaled(2_000_000, 1.5) }),
  next: 'shaders/binary.wgsl: functions of two numbers, and src/kernels/elementwise.ts, which dispatches this kernel',
};
