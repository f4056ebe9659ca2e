import { expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import type { Exercise, ExerciseCase } from '../exercise.ts';

function rectified(count: number, workgroups: ExerciseCase['workgroups']): ExerciseCase {
  const x = input('i', [count], count);
  return {
    title: `${count} elements, workgroups ${workgroups?.join(' × ')}`,
    arrays: {
      x,
      y: output(
        'i',
        [count],
        expectEach(count, (i) => [Math.max(x.data[i], 0), 0]),
      ),
    },
    params: { vectors: Math.ceil(count / 4) },
    workgroups,
  };
}

/** y = max(x, 0), where the invocations are more than the elements. */
export const GUARD: Exercise = {
  name: 'guard',
  title: 'Guard: more invocations than work',
  teaches: 'how an invocation finds its number in a grid of two dimensions, and why those without work must leave',
  shader: 'relu',
  holes: [
    {
      first: 'let i = id.y * groups.x * 256u + id.x;',
      last: 'if (i >= params.vectors) { return; }',
      instead: [
        '  // TODO 1: the number of this invocation in the whole grid. id.x counts along a row of the grid; id.y says which row it is, and groups.x how many',
        '  // workgroups a row holds.',
        '  let i = id.x;',
        '  // TODO 2: an invocation whose number is params.vectors or more has no work. Let it return.',
        '',
      ],
    },
  ],
  hints: [
    'Workgroups come whole: 513 vec4s take three workgroups of 256 invocations, and 255 of them have nothing to do.',
    'A row of the grid holds `groups.x` workgroups of 256 invocations; `id.y` says how many rows stand before this one.',
    'The guard is `if (… >= params.vectors) { return; }`, before anything is read or written.',
  ],
  meanings: {
    outside: 'An invocation whose number is `params.vectors` or more has no work: let it return before it writes.',
    'beyond-first-workgroup': 'Does the number of an invocation grow by a whole row, `groups.x · 256`, with `id.y`?',
    unwritten: 'Some numbers are taken by no invocation, or the guard sends away invocations that have work.',
  },
  cases: () => [rectified(2050, [3]), rectified(3500, [2, 2]), rectified(5000, [2, 4])],
  small: () => rectified(1030, [1, 2]),
  speed: () => ({ case: rectified(2_000_000, [1954]) }),
  next: 'src/runtime/grid.ts: how the engine cuts its grids, and why in two dimensions',
};
