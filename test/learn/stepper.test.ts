import { describe, expect, it } from 'vitest';
import { runStepped, type StepperCall, StepperError } from '../../src/learn/stepper.ts';

/** A kernel of 8 invocations on an array of 16 numbers, 0 to 15, with what it is to do. */
function run(body: string, workgroups: StepperCall['workgroups'] = [1, 1, 1], watch?: [number, number, number]) {
  const data = Float32Array.from({ length: 16 }, (_, i) => i);
  const wgsl = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
var<workgroup> shared_values: array<f32, 8>;
fn twice(v: f32) -> f32 { return 2.0 * v; }
@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) i: u32) {
${body}
}
`;
  const call = { arrays: { 0: { data, words: 16 } }, params: new Uint32Array(4), constants: {}, workgroups };
  return { ...runStepped(wgsl, call, watch), y: Array.from(data) };
}

describe('the stepper', () => {
  it('runs loops, calls and barriers as a GPU does', () => {
    const { y, races, outside } = run(`  shared_values[i] = twice(y[i]);
  workgroupBarrier();
  var sum = 0.0;
  for (var k = 0u; k <= i; k++) { if (k == 1u) { continue; } sum += shared_values[k]; }
  y[8u + i] = sum;`);
    expect(y.slice(8)).toEqual([0, 0, 4, 10, 18, 28, 40, 54]);
    expect([races, outside]).toEqual([[], []]);
  });

  it('keeps the values of calls of different invocations apart across barriers', () => {
    const { y } = run(`  let own = twice(f32(i));
  workgroupBarrier();
  y[i] = own + twice(own);`);
    expect(y.slice(0, 8)).toEqual([0, 6, 12, 18, 24, 30, 36, 42]);
  });

  it('lets an unsigned number wrap round below zero', () => {
    const { y } = run('  let at = i - 1u;\n  if (at >= 8u) { y[i] = 99.0; return; }\n  y[i] = f32(at);');
    expect(y.slice(0, 8)).toEqual([99, 0, 1, 2, 3, 4, 5, 6]);
  });

  it('finds a barrier that is missing, with both lines', () => {
    const { races } = run('  shared_values[i] = y[i];\n  y[i] = shared_values[7u - i];');
    expect(races[0].shared).toBe(true);
    expect([races[0].first, races[0].second].map(({ array, kind, line }) => [array, kind, line]).sort()).toEqual([
      ['shared_values', 'read', 7],
      ['shared_values', 'write', 6],
    ]);
    expect(run('  shared_values[i] = y[i];\n  workgroupBarrier();\n  y[i] = shared_values[7u - i];').races).toEqual([]);
  });

  it('finds a barrier that is missing where it would begin a loop', () => {
    const loop = (barrier: string) => `  shared_values[i] = y[i];
  for (var half = 4u; half > 0u; half /= 2u) {
    ${barrier}
    if (i < half) { shared_values[i] += shared_values[i + half]; }
  }
  if (i == 0u) { y[0] = shared_values[0]; }`;
    const right = run(loop('workgroupBarrier();'));
    expect([right.races, right.y[0]]).toEqual([[], 28]);
    expect(run(loop('')).races.length).toBeGreaterThan(0);
  });

  it('finds workgroups that share a place of an array', () => {
    const { races } = run('  y[i] = f32(workgroup.x);', [2, 1, 1]);
    expect(races).toHaveLength(1);
    expect(races[0]).toMatchObject({ shared: false, first: { workgroup: '0,0,0' }, second: { workgroup: '1,0,0' } });
    expect(run('  y[8u * workgroup.x + i] = 1.0;', [2, 1, 1]).races).toEqual([]);
  });

  it('notes what is read and written outside of an array', () => {
    const { outside } = run('  y[i + 12u] = y[i + 10u];');
    expect(outside.map(({ kind, element, line, invocation }) => [kind, element, line, invocation])).toEqual([
      ['write', 16, 6, 4],
      ['read', 16, 6, 6],
    ]);
  });

  it('runs all kinds of loops', () => {
    const { y } = run(`  var n = 0.0;
  var k = 0u;
  while (k < i) { k++; if (k == 2u) { continue; } n += 1.0; }
  loop {
    if (k >= 10u) { break; }
    n += 100.0;
    continuing { k++; }
  }
  y[i] = n;`);
    expect(y.slice(0, 8)).toEqual([1000, 901, 801, 702, 603, 504, 405, 306]);
  });

  it('ends a loop that does not end', () => {
    expect(run('  var k = 0u;\n  while (k < 8u) {\n    y[0] = 1.0;\n  }').endlessAt).toBe(8);
  });

  it('tells the steps of one invocation with their values', () => {
    const { steps } = run('  let v = y[i];\n  var w = v + 1.0;\n  w *= 2.0;\n  y[i] = w;', [1, 1, 1], [3, 0, 0]);
    expect(steps.map(({ line }) => line)).toEqual([6, 7, 8, 9]);
    expect(steps[0].changed).toEqual([{ name: 'v', before: undefined, value: [3] }]);
    expect(steps[0].accesses).toMatchObject([{ array: 'y', element: 3, kind: 'read', value: [3] }]);
    expect(steps[2].changed).toEqual([{ name: 'w', before: [4], value: [8] }]);
    expect(steps[3].accesses).toMatchObject([{ array: 'y', element: 3, kind: 'write', value: [8] }]);
  });

  it('says what it cannot run', () => {
    const subgroups = 'enable subgroups;\n@compute @workgroup_size(8)\nfn main() {}\n';
    expect(() =>
      runStepped(subgroups, { arrays: {}, params: new Uint32Array(4), constants: {}, workgroups: [1, 1, 1] }),
    ).toThrow('it knows no subgroups');
    expect(() => run('  let = ;')).toThrow(StepperError);
  });
});
