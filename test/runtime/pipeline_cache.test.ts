import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openDevice, readShader, relu, ShaderError, tensor } from '../../src/node.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu();
const triple = (factor = '3.0') => `struct Params { count: u32, }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) { return; }
  y[id.x] = ${factor} * x[id.x];
}
`;

/** What a shader of the form above makes of 1, 2, …, 100. */
async function outcome(name: string, gpu = held.gpu) {
  const x = gpu.upload(
    Float32Array.from({ length: 100 }, (_, i) => i + 1),
    'test',
  );
  const y = gpu.upload(new Float32Array(100).fill(-1), 'test');
  gpu.dispatch(name, { arrays: { x: [x, 100], y: [y, 100] }, params: { count: 100 }, invocations: 100 });
  return [...(await y.read())];
}
const times = (factor: number) => Array.from({ length: 100 }, (_, i) => factor * (i + 1));

describe('addShader', () => {
  it('has a shader of one’s own dispatched by its name', async () => {
    const io = await held.gpu.addShader('triple', triple());
    expect(io.bindings.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(io.params).toEqual([{ name: 'count', type: 'u32' }]);
    expect(await outcome('triple')).toEqual(times(3));
    expect(held.gpu.shader('triple')).toBe(io);
  });

  it('takes the place of another where it is told to, the engine’s own included', async () => {
    const gpu = await openDevice();
    await gpu.addShader('mine', triple());
    expect(await outcome('mine', gpu)).toEqual(times(3));
    await expect(gpu.addShader('mine', triple('5.0'))).rejects.toThrow(
      'There is a shader mine already; take another name, or replace it by { replace: true }.',
    );
    expect(await outcome('mine', gpu)).toEqual(times(3));
    await gpu.addShader('mine', triple('5.0'), { replace: true });
    expect(await outcome('mine', gpu)).toEqual(times(5));
    await expect(gpu.addShader('relu', readShader('relu'))).rejects.toThrow('There is a shader relu already');
    const x = tensor(gpu, Float32Array.of(-1, 2), [2]);
    expect([...(await relu(x).data())]).toEqual([0, 2]);
    const other = readShader('relu').replace(/^ {2}y\[i\] = .*$/m, '  y[i] = vec4f(7.0) + x[i];');
    await gpu.addShader('relu', other, { replace: true });
    expect([...(await relu(x).data())]).toEqual([6, 9]);
    gpu.close();
  });

  it('names a mistake by file or name, line and column, with the line itself; the device goes on', async () => {
    const broken = triple().replace('3.0 * x[id.x]', 'three * x[id.x]');
    const failure = await held.gpu.addShader('broken', broken, { file: 'my/broken.wgsl' }).catch((error) => error);
    expect(failure).toBeInstanceOf(ShaderError);
    expect(failure.message).toMatch(
      /^my\/broken\.wgsl:8:13: .*three.*, in the line: y\[id\.x\] = three \* x\[id\.x\];$/,
    );
    await expect(held.gpu.addShader('broken', broken)).rejects.toThrow(/^broken:8:13: /);
    // Nothing of it stays, so the name is free.
    await held.gpu.addShader('broken', triple('2.0'));
    expect(await outcome('broken')).toEqual(times(2));
  });

  it.each<[string, string, string]>([
    ['a name that is none', triple(), "is named by letters, digits and '_', not 'a b'"],
    [
      'another entry point',
      triple().replace('fn main', 'fn start'),
      "it has no '@compute @workgroup_size(…) fn main(…)'",
    ],
    [
      'an array that cannot be bound by its name',
      triple().replace('@group(0) @binding(0)', '@binding(0) @group(0)'),
      "'@binding(0) @group(0) var<storage, read> x: array<f32>' must read '@group(0) @binding(K)",
    ],
    ['a uniform elsewhere', triple().replace('@group(1)', '@group(0)'), 'a shader has one uniform at most'],
  ])('refuses %s', async (what, source, words) => {
    const name = what === 'a name that is none' ? 'a b' : 'refused';
    const failure = await held.gpu.addShader(name, source).catch((error) => error);
    expect(failure).toBeInstanceOf(ShaderError);
    expect(failure.message).toContain(words);
  });

  it('keeps a kernel for each set of constants, and overrides beside them', async () => {
    const { gpu } = held;
    const source = triple('f32(FACTOR) * MORE')
      .replace('@compute', 'const FACTOR = 3u;\nconst SIZE = 64u;\noverride MORE: f32 = 1.0;\n@compute')
      .replace('@workgroup_size(64)', '@workgroup_size(SIZE)');
    await gpu.addShader('factor', source);
    const before = gpu.counters.pipelines;
    const by = async (constants?: Record<string, number>) => {
      const x = gpu.upload(Float32Array.of(1, 2, 3, 4), 'test');
      const y = gpu.alloc(4, 'f32', 'test');
      gpu.dispatch('factor', { arrays: { x: [x, 4], y: [y, 4] }, params: { count: 4 }, constants, invocations: 4 });
      return [...(await y.read())];
    };
    expect(await by()).toEqual([3, 6, 9, 12]);
    expect(await by({ FACTOR: 5 })).toEqual([5, 10, 15, 20]);
    // Workgroups of two: as many as hold the elements.
    expect(await by({ FACTOR: 5, SIZE: 2 })).toEqual([5, 10, 15, 20]);
    expect(await by({ FACTOR: 5, MORE: 2 })).toEqual([10, 20, 30, 40]);
    expect(await by()).toEqual([3, 6, 9, 12]);
    expect(await by({ FACTOR: 5 })).toEqual([5, 10, 15, 20]);
    expect(gpu.counters.pipelines - before).toBe(4);
  });

  it('says of a shader that does not compile with its constants which one it is', async () => {
    const gpu = await openDevice();
    await gpu.addShader('room', triple().replace('@compute', 'const SIZE = 1u;\nconst_assert SIZE == 1u;\n@compute'));
    const x = gpu.upload(new Float32Array(4), 'test');
    const arrays = { x: [x, 4], y: [gpu.alloc(4, 'f32', 'test'), 4] } as const;
    gpu.dispatch('room', { arrays, params: { count: 4 }, constants: { SIZE: 2 }, invocations: 4 });
    await expect(gpu.finish()).rejects.toThrow(/^(?=[\s\S]*room\.wgsl)[\s\S]*const assertion failed/);
    gpu.close();
  });

  it('takes every shader of the engine', async () => {
    const folder = new URL('../../shaders/', import.meta.url);
    for (const file of readdirSync(folder).filter(
      (name) => !readFileSync(new URL(name, folder), 'utf8').includes('enable '),
    )) {
      await held.gpu.addShader(`own_${file.replace('.wgsl', '')}`, readFileSync(new URL(file, folder), 'utf8'));
    }
  });
});
