import { expect, it } from 'vitest';
import { interfaceFault } from '../../src/learn/interface.ts';
import { readShader } from '../../src/node.ts';
import { parseShader } from '../../src/runtime/shader.ts';

const house = readShader('scale');
const fault = (text: string) => interfaceFault(parseShader('scale', house), house, parseShader('own', text), text);

it.each([
  ['> x:', '> input:', /called 'input'; the exercise binds it as 'x'/],
  ['@binding(1)', '@binding(2)', /'y' at @binding\(1\) is missing/],
  ['var<storage, read> x', 'var<storage, read_write> x', /'x' is declared read_write; the exercise has it read\./],
  ['x: array<vec4f>', 'x: array<f32>', /'x' is declared array<f32>; the exercise has it array<vec4f>/],
  ['factor: f32,', 'factor: u32,', /fields of the uniform struct are \[vectors: u32, factor: u32\]/],
  ['@workgroup_size(256)', '@workgroup_size(64)', /@workgroup_size is \(64\); the exercise is dispatched for \(256\)/],
  [
    'struct Params',
    '@group(0) @binding(2) var<storage, read> z: array<f32>;\nstruct Params',
    /an array 'z' at @binding\(2\)/,
  ],
])('says what is unlike: %s → %s', (find, replace, says) => {
  expect(house).toContain(find);
  expect(fault(house.replace(find, replace))).toMatch(says);
});

it('takes what is the same', () => {
  expect(fault(house)).toBeUndefined();
  expect(fault(house.replace('params.factor * x[i]', 'x[i] * params.factor'))).toBeUndefined();
});
