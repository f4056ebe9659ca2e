import { describe, expect, it } from 'vitest';
import type { Exercise } from '../../src/learn/exercise.ts';
import { EXERCISES } from '../../src/learn/exercises/index.ts';
import { walkReport } from '../../src/learn/report.ts';
import { walkInvocation } from '../../src/learn/walk.ts';
import { readShader } from '../../src/node.ts';
import { ShaderError } from '../../src/runtime/errors.ts';
import { useGpu } from '../gpu.ts';

const on = useGpu({ fences: false });
const named = (name: string) => EXERCISES.find((exercise) => exercise.name === name) as Exercise;
const walk = (exercise: Exercise, wgsl: string, invocation: [number, number, number]) =>
  walkInvocation(on.gpu, exercise, wgsl, invocation, { shaders: readShader });

describe('a walk', () => {
  it.each(EXERCISES.flatMap((exercise) => (exercise.small ? [[exercise.name, exercise] as const] : [])))(
    '%s: what the invocation writes is what the GPU writes',
    async (_, exercise) => {
      const { steps, written } = await walk(exercise, readShader(exercise.shader), [0, 0, 0]);
      expect(steps.length).toBeGreaterThanOrEqual(3);
      expect(written.length).toBeGreaterThan(0);
      for (const element of written) {
        expect(element).toMatchObject({ equal: true });
        expect(element.stepped).not.toBeNaN();
      }
    },
  );

  it('tells lines, values and the end', async () => {
    const wgsl = readShader('matmul_naive');
    const found = await walk(named('matmul-naive'), wgsl, [7, 0, 0]);
    const text = walkReport(wgsl, found);
    expect(text[0]).toBe('The small case: A [4, 3], B [5, 4], both transposed.');
    expect(text).toContain('        row = 1');
    expect(text).toContain('        column = 2');
    expect(
      text.filter((line) => /^ {8}a\[\d+\] is -?[\d.]+; b\[\d+\] is -?[\d.]+; sum = -?[\d.]+; k = \d$/.test(line)),
    ).toHaveLength(4);
    expect(text.at(-1)).toMatch(
      /^c\[m, n\] = c\[1, 2\]: (\S+) by these steps, \S+ on the GPU: equal within float32\.$/,
    );
    const short = walkReport(wgsl, found, 6);
    expect(short.filter((line) => /^ {1,3}\d+ /.test(line))).toHaveLength(6);
    expect(short.join('\n')).toMatch(/… \d+ statements are left out/);
  });

  it('names the place that was written, whosever it is', async () => {
    const wgsl = readShader('matmul_naive').replace('c[i] = sum;', 'c[0] = sum + f32(i);');
    const found = await walk(named('matmul-naive'), wgsl, [1, 0, 0]);
    expect(found.written.map(({ name }) => name)).toEqual(['c[m, n] = c[0, 0]']);
  });

  it('stops at a loop that does not end, and does not run it on the device', async () => {
    const found = await walk(named('matmul-naive'), readShader('matmul_naive').replace('k++', 'k += 0u'), [0, 0, 0]);
    expect(found.title).toMatch(/a loop does not end$/);
    expect(found.written).toEqual([]);
    expect(found.steps.length).toBeGreaterThan(100);
  });

  it('throws where there is nothing to walk', async () => {
    const wgsl = readShader('matmul_naive');
    await expect(walk(named('matmul-naive'), wgsl, [256, 0, 0])).rejects.toThrow(
      /The case has 256 × 1 × 1 invocations.*no invocation 256,0,0/,
    );
    await expect(walk(named('matmul-subgroup'), readShader('matmul_subgroup'), [0, 0, 0])).rejects.toThrow(
      /knows no subgroups/,
    );
    await expect(
      walk(named('matmul-naive'), wgsl.replace('var sum = 0.0', 'var sum = nothing'), [0, 0, 0]),
    ).rejects.toThrow(ShaderError);
    await expect(walk(named('matmul-naive'), readShader('scale'), [0, 0, 0])).rejects.toThrow(
      /@binding|declared|called/,
    );
  });
});
