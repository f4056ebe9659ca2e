import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readShader } from '../../src/node.ts';
import { elementTypes, halfVersion, parseShader, withConstants, withElementType } from '../../src/runtime/shader.ts';

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
      ['turned', 'u32'],
    ]);
    expect(io).toMatchObject({ needsSubgroups: true });
  });

  it('refuses a uniform that is no scalar, whose place it could not know', () => {
    const source = 'struct P { a: vec3f, }\n@group(1) @binding(0) var<uniform> p: P;';
    expect(() => parseShader('shaders/odd.wgsl', source)).toThrow(
      "shaders/odd.wgsl: the uniform struct may hold u32, i32 and f32 only, not 'a: vec3f'.",
    );
  });

  it.each([
    ['@group(0) @binding(3)', ''],
    ['@group(1) @binding(1)', ''],
    ['@group(1) @binding(0)', '@group(1) @binding(0) var<uniform> q: P;'],
  ])('refuses a uniform elsewhere than alone in group 1: %s %s', (place, another) => {
    const source = `struct P { a: u32, }\n${place} var<uniform> p: P;\n${another}`;
    expect(() => parseShader('shaders/odd.wgsl', source)).toThrow(
      'shaders/odd.wgsl: a shader has one uniform at most, declared @group(1) @binding(0).',
    );
  });

  it('sets the type of elements where a shader leaves it open, and only there', () => {
    const open = readShader('sum_products');
    expect(elementTypes(open)).toEqual(['f32', 'vec4f']);
    expect(withElementType('sum_products', open, 'vec4f')).toBe(open.replace('alias T = f32;', 'alias T = vec4f;'));
    expect(elementTypes(readShader('silu'))).toEqual(['f32']);
    expect(() => withElementType('silu', readShader('silu'), 'vec4f')).toThrow(
      "shaders/silu.wgsl has no line 'alias T = f32;' for a type to stand in.",
    );
  });

  it('sets what elements are stored as where a shader converts them, in the lines of its file', () => {
    const both = readShader('reduce_sum');
    expect(elementTypes(both)).toEqual(['f32', 'vec4f', 'f16', 'vec4h']);
    expect(elementTypes(readShader('relu'))).toEqual(['f32', 'f16']);
    const half = withElementType('reduce_sum', both, 'vec4h');
    expect(half).toMatch(/^enable f16;\/\/ /);
    expect(half).toContain('\nalias T = vec4f;\nalias E = vec4h;\n');
    expect(half.split('\n').length).toBe(both.split('\n').length);
    expect(withElementType('reduce_sum', both, 'f16')).toContain('\nalias T = f32;\nalias E = f16;\n');
    expect(withElementType('reduce_sum', both, 'vec4f')).toContain('\nalias T = vec4f;\nalias E = vec4f;\n');
    expect(() => withElementType('silu', readShader('silu'), 'f16')).toThrow(
      "shaders/silu.wgsl has no line 'alias E = f32;' for a type to stand in.",
    );
    expect(parseShader('shaders/reduce_sum.wgsl', half)).toMatchObject({
      halves: true,
      bindings: [
        { name: 'x', open: true },
        { name: 'y', open: false },
      ],
    });
    expect([halfVersion('relu'), halfVersion('reduce_sum<vec4f>')]).toEqual(['relu<f16>', 'reduce_sum<vec4h>']);
  });

  it('sets constants by name, where each stands in a line of its own', () => {
    const source = 'const SIZE = 4u;  // of a thing\nconst HALF : u32 = 2u;\nconst DERIVED = SIZE * 2u;\n';
    expect(withConstants('a.wgsl', source, { HALF: 16, SIZE: 32 })).toBe(
      'const SIZE = 32u;  // of a thing\nconst HALF : u32 = 16u;\nconst DERIVED = SIZE * 2u;\n',
    );
    expect(withConstants('a.wgsl', source, {})).toBe(source);
    for (const name of ['DERIVED', 'NOSUCH', 'IZE']) {
      expect(() => withConstants('a.wgsl', source, { [name]: 1 })).toThrow(
        `a.wgsl: it has no line 'const ${name} = …u;' to be set.`,
      );
    }
  });

  it('takes params up to the 256 bytes of a slot, and refuses more', () => {
    const source = (fields: number) =>
      `struct P { ${Array.from({ length: fields }, (_, i) => `a${i}: u32`).join(', ')} }\n@group(1) @binding(0) var<uniform> p: P;\n@compute @workgroup_size(1) fn main() {}`;
    expect(parseShader('full', source(64)).params).toHaveLength(64);
    expect(() => parseShader('shaders/large.wgsl', source(65))).toThrow(
      'shaders/large.wgsl: its params take 260 bytes, more than the 256 there are for a dispatch; put them into an array.',
    );
  });

  it('reads the size of the workgroups and the constants that a grid must know', () => {
    const io = parseShader(
      'grid',
      'override LANES: u32;\nconst ROWS = 32u;  // of a block\nconst SIDE: u32 = 8;\nconst RATE = 0.5;\n@compute @workgroup_size(LANES, 4u)\nfn main() {}',
    );
    expect(io.workgroup).toEqual(['LANES', 4]);
    expect(io.constants).toEqual({ ROWS: 32, SIDE: 8 });
    for (const name of readdirSync(new URL('../../shaders', import.meta.url))) {
      expect([name, parseShader(name, readShader(name.replace('.wgsl', ''))).workgroup.length]).toEqual([name, 1]);
    }
  });

  it('finds every binding that each shader declares', () => {
    const names = readdirSync(new URL('../../shaders', import.meta.url)).map((file) => file.replace('.wgsl', ''));
    expect(names.length).toBeGreaterThan(40);
    for (const name of names) {
      const source = readShader(name);
      const io = parseShader(name, source);
      const declared = source.replace(/\/\/.*$/gm, '').match(/@binding\(/g)?.length;
      expect([name, io.bindings.length + (io.params.length > 0 ? 1 : 0)]).toEqual([name, declared]);
    }
  });
});
