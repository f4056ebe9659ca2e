import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseShader } from '../../src/kernels/shader.ts';
import { readShader } from '../../src/node.ts';

describe('parseShader', () => {
  it('reads bindings, params and features', () => {
    const io = parseShader('matmul_subgroup', readShader('matmul_subgroup'));
    expect(io.bindings.map(({ name, binding, access }) => [name, binding, access])).toEqual([
      ['a', 0, 'read'],
      ['b', 1, 'read'],
      ['c', 2, 'read_write'],
    ]);
    expect(io.params.map(({ name, type }) => [name, type])).toEqual([
      ['m', 'u32'],
      ['n', 'u32'],
      ['k', 'u32'],
      ['span', 'u32'],
      ['loads', 'u32'],
    ]);
    expect(io).toMatchObject({ paramsBinding: 3, needsSubgroups: true });
  });

  it('refuses a uniform that is no scalar, whose place it could not know', () => {
    const source = 'struct P { a: vec3f, }\n@group(0) @binding(0) var<uniform> p: P;';
    expect(() => parseShader('odd', source)).toThrow(
      "shaders/odd.wgsl: the uniform struct may hold u32, i32 and f32 only, not 'a: vec3f'.",
    );
  });

  it('finds every binding that each shader declares', () => {
    const names = readdirSync(new URL('../../shaders', import.meta.url)).map((file) => file.replace('.wgsl', ''));
    expect(names.length).toBeGreaterThan(40);
    for (const name of names) {
      const source = readShader(name);
      const io = parseShader(name, source);
      const declared = source.replace(/\/\/.*$/gm, '').match(/@binding\(/g)?.length;
      expect([name, io.bindings.length + (io.paramsBinding >= 0 ? 1 : 0)]).toEqual([name, declared]);
    }
  });
});
