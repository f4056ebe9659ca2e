import { describe, expect, it } from 'vitest';
import { EXERCISES } from '../../../src/learn/exercises/index.ts';
import { workgroupSize, workgroupsOf } from '../../../src/learn/run_case.ts';
import { templateOf } from '../../../src/learn/template.ts';
import { readShader } from '../../../src/node.ts';
import { parseShader } from '../../../src/runtime/shader.ts';
import { useGpu } from '../../gpu.ts';

const on = useGpu({ fences: false });

it('has the exercises in the order that teaches', () => {
  const names = EXERCISES.map(({ name }) => name);
  expect(names).toEqual([
    ...['map', 'guard', 'transpose', 'reduction', 'matmul-naive', 'matmul-tiled', 'matmul-subgroup'],
    ...[
      'conv2d',
      'conv2d-input-grad',
      'conv2d-weight-grad',
      'max-pool-grad',
      'softmax-loss-grad',
      'batch-norm-stats',
      'adam',
    ],
  ]);
});

describe.each(EXERCISES.map((exercise) => [exercise.name, exercise] as const))('%s', (name, exercise) => {
  const house = readShader(exercise.shader);
  const template = templateOf(exercise, house);

  it("keeps the engine's header and interface, and has holes", () => {
    const header = (text: string) =>
      text
        .slice(0, text.search(/^(?!\/\/)/m))
        .trimEnd()
        .split('\n');
    const lines = header(house);
    expect(header(template).slice(0, lines.length)).toEqual(lines);
    expect(parseShader(name, template)).toEqual(parseShader(name, house));
    expect(template).toMatch(/\/\/ TODO 1: /);
    expect(house).not.toContain('TODO');
  });

  it('takes the solution out of its holes', () => {
    for (const { first } of exercise.holes) {
      const times = (text: string) => text.split('\n').filter((line) => line.trim() === first).length;
      expect(times(template), first).toBeLessThan(times(house));
    }
    const { holes } = exercise;
    const moved = { ...exercise, holes: [{ first: 'no such line', instead: [] }, ...holes] };
    expect(() => templateOf(moved, house)).toThrow(`${name} has a hole at 'no such line'`);
  });

  it('has two or three hints', () => {
    expect(exercise.hints.length).toBeGreaterThanOrEqual(2);
    expect(exercise.hints.length).toBeLessThanOrEqual(3);
  });

  it('is checked on shapes that are not square, on two workgroups at least', () => {
    const cases = exercise.cases(on.gpu);
    expect(cases.length).toBeGreaterThanOrEqual(2);
    const io = parseShader(name, house);
    for (const run of cases) {
      const size = io.workgroup.every((one) => typeof one === 'number') ? workgroupSize(io) : 1;
      const groups = workgroupsOf(run, size).reduce((product, count) => product * count, 1);
      expect([run.title, groups >= 2]).toEqual([run.title, true]);
      for (const [array, { axes, shape }] of Object.entries(run.arrays)) {
        expect([array, axes.split(', ').length]).toEqual([array, shape.length]);
        // Of the sizes of pixels, rows and columns no two may be exchanged unseen.
        const image = axes.split(', ').flatMap((axis, d) => (/^[io]?[hw]$|^[rcmnk]$/.test(axis) ? [shape[d]] : []));
        if (image.length >= 2 && image.length < 4) expect([array, new Set(image.slice(-2)).size]).toEqual([array, 2]);
      }
    }
  });
});
