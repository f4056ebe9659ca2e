import { expectEach } from '../bounded_sum.ts';
import { input, output } from '../case_data.ts';
import { type Exercise, type ExerciseCase, indexOf } from '../exercise.ts';

function transposed(stack: number, rows: number, columns: number): ExerciseCase {
  const x = input('s, r, c', [stack, rows, columns], rows);
  const count = stack * rows * columns;
  const shape = [stack, columns, rows];
  const expected = expectEach(count, (i) => {
    const [s, c, r] = indexOf(shape, i);
    return [x.data[(s * rows + r) * columns + c], 0];
  });
  return {
    title: `x [${x.shape.join(', ')}]`,
    arrays: { x, y: output('s, c, r', shape, expected) },
    params: { count, rows, columns },
    invocations: count,
  };
}

/** y[s, c, r] = x[s, r, c]. */
export const TRANSPOSE: Exercise = {
  name: 'transpose',
  title: 'Transpose: from a flat number to an index, and back',
  teaches: 'how an index of several dimensions and a place in memory are made of each other',
  shader: 'transpose',
  holes: [
    {
      first: 'let area = params.rows * params.columns;',
      last: 'y[i] = E(f32(x[place * area + row * params.columns + column]));',
      instead: [
        '  // TODO 1: element i of y is y[place, column, row]. Find the three from i. (y has `columns` rows of `rows` elements.)',
        '  let place = 0u;',
        '  let column = 0u;',
        '  let row = i;',
        '  // TODO 2: the place of x[place, row, column] in memory.',
        '  y[i] = x[row];',
      ],
    },
  ],
  hints: [
    'Begin with the output: element i of y [stack, columns, rows]. Its last dimension runs fastest, so r = i % rows.',
    'Divide by what was taken off: c = i / rows % columns. What is left, i / (rows · columns), is the matrix of the stack.',
    'In x [stack, rows, columns] the element lies at (s · rows + r) · columns + c.',
  ],
  meanings: {
    scattered:
      'Is a remainder or a quotient taken by `columns` where it should be `rows`? For a square matrix the two are the same.',
    'one-case': 'Look at what this case has and the others have not: a stack of several matrices.',
  },
  cases: () => [transposed(1, 30, 17), transposed(3, 7, 29), transposed(4, 11, 13)],
  small: () => transposed(2, 3, 5),
  speed: () => ({ case: transposed(1, 1022, 614) }),
  next: 'shaders/transpose_vec4.wgsl: the same on blocks of 4 × 4, with a quarter of the loads',
};
