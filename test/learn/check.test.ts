import { describe, expect, it } from 'vitest';
import { type CheckOptions, type CheckResult, checkExercise, EndlessKernelError } from '../../src/learn/check.ts';
import type { Exercise } from '../../src/learn/exercise.ts';
import { EXERCISES } from '../../src/learn/exercises/index.ts';
import { templateOf } from '../../src/learn/template.ts';
import { readShader } from '../../src/node.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { useGpu } from '../gpu.ts';
import { MUTANTS } from './mutants.ts';

const on = useGpu({ fences: false });

const check = (exercise: Exercise, wgsl: string, options: Partial<CheckOptions> = {}): Promise<CheckResult> =>
  checkExercise(on.gpu, exercise, wgsl, { shaders: readShader, speed: false, ...options });

const named = (name: string) => EXERCISES.find((exercise) => exercise.name === name) as Exercise;

/** All that a check says, a line each. */
const said = ({ findings }: CheckResult) =>
  findings.flatMap(({ text, details, meaning }) => [text, ...details, meaning ?? '']).join('\n');

describe.each(EXERCISES.map((exercise) => [exercise.name, exercise] as const))('%s', (name, exercise) => {
  const house = readShader(exercise.shader);

  it("takes the engine's own kernel, and looks at its gradients where it has any", async () => {
    const { right, findings, notes } = await check(exercise, house);
    expect([findings, right]).toEqual([[], true]);
    expect(notes.some((note) => /^\d cases are right/.test(note))).toBe(true);
    expect(notes.some((note) => /gradcheck: .* \d+ gradients agree/.test(note))).toBe(exercise.gradcheck !== undefined);
  });

  it('refuses the kernel with its holes', async () => {
    const template = templateOf(exercise, house);
    const { right, findings } = await check(exercise, template, { steps: name !== 'matmul-tiled' });
    expect(right).toBe(false);
    // It compiles, and keeps the interface.
    for (const { kind } of findings) expect(['compile', 'interface', 'endless']).not.toContain(kind);
  });

  it.each(MUTANTS[name].map((mutant) => [mutant.mistake, mutant] as const))('finds: %s', async (_, mutant) => {
    expect(house.split(mutant.find)).toHaveLength(2);
    // The stepper takes seconds for a tile: it is asked where it has to find something.
    const steps = name !== 'matmul-tiled' || mutant.says.source.startsWith('^A race');
    const result = await check(exercise, house.replace(mutant.find, mutant.replace), { steps });
    expect(result.right).toBe(false);
    expect(said(result)).toMatch(mutant.says);
    for (const { meaning, kind } of result.findings) expect(kind === 'compile' || meaning !== undefined).toBe(true);
  });
});

it('has at least five mistakes for each exercise', () => {
  for (const { name } of EXERCISES) expect(MUTANTS[name].length).toBeGreaterThanOrEqual(5);
});

describe('the answer', () => {
  const map = named('map');
  const house = readShader('scale');

  it('says where a kernel does not compile', async () => {
    const { findings } = await check(map, house.replace('params.factor * x[i]', 'params.factr * x[i]'), {
      file: 'my/map.wgsl',
    });
    expect(findings).toHaveLength(1);
    expect(findings[0].kind).toBe('compile');
    expect(findings[0].text).toMatch(/^my\/map\.wgsl:21:\d+: .*factr.*y\[i\] = params\.factr \* x\[i\];/);
  });

  it('says which part of the interface is another', async () => {
    const { findings } = await check(map, house.replace('> x:', '> input:').replace('* x[i]', '* input[i]'));
    expect(findings.map(({ kind, text }) => [kind, text])).toEqual([
      ['interface', "The array at @binding(0) is called 'input'; the exercise binds it as 'x'. Give it its name back."],
    ]);
  });

  it('puts a race in workgroup memory before the wrong values that come of it', async () => {
    const reduction = readShader('square_sums').replace('workgroupBarrier();', '');
    const { findings } = await check(named('reduction'), reduction);
    const kinds = findings.map(({ kind }) => kind);
    expect(kinds[0]).toBe('race');
    expect(kinds.lastIndexOf('race')).toBe(kinds.filter((kind) => kind === 'race').length - 1);
  });

  it('names an element by its index, counts the wrong ones, says where they are, and which cases are right', async () => {
    const text = readShader('conv2d_weight_grad_naive').replace(
      'min(first + params.slice_pixels, params.n * params.oh * params.ow)',
      'first + params.slice_pixels',
    );
    const [{ text: first, details, meaning }] = (await check(named('conv2d-weight-grad'), text)).findings;
    expect(first).toMatch(
      /^dw\[slice, kh, kw, ci, co\] = dw\[2, 1, 0, 0, 0\] is wrong: expected 0\.2055\d+, found NaN\.$/,
    );
    expect(details[0]).toMatch(/^\d+ of 270 elements of dw are wrong: only where slice is 2, the last/);
    expect(meaning).toMatch(/the last slice/);
  });

  it('says so where a kernel is not the gradient of what is computed forward', async () => {
    const wrong = readShader('conv2d_weight_grad_naive').replace('dw[i] = sum;', 'dw[i] = 2.0 * sum;');
    const result = await check({ ...named('conv2d-weight-grad'), cases: () => [] }, wrong);
    expect(result.findings.map(({ kind }) => kind)).toEqual(['gradient']);
    expect(result.findings[0].text).toMatch(/backward gives .* central differences/);
    // The engine has its own kernel back.
    expect((await check(named('conv2d-weight-grad'), readShader('conv2d_weight_grad_naive'))).right).toBe(true);
  });

  it('says so where two runs differ', async () => {
    // A device on which every other run has another factor, as a kernel would that depends on the order of its invocations.
    let runs = 0;
    const seen: Gpu = new Proxy(on.gpu, {
      get(gpu, key) {
        const value = Reflect.get(gpu, key);
        if (key === 'dispatch') {
          return (shader: string, call: { params: Record<string, number> }) =>
            gpu.dispatch(shader, {
              ...call,
              params: { ...call.params, factor: call.params.factor * (1 + 1e-7 * (runs++ % 2)) },
            } as unknown as Parameters<Gpu['dispatch']>[1]);
        }
        return typeof value === 'function' ? value.bind(gpu) : value;
      },
    });
    const { findings } = await checkExercise(seen, map, house, { shaders: readShader, speed: false });
    expect(findings.map(({ kind }) => kind)).toContain('nondeterministic');
    expect(findings[0].text).toMatch(/^Two runs differ: y\[\d+\] is .* once and .* once/);
  });

  it('gives a kernel up that does not end on the device', async () => {
    const stuck: Gpu = new Proxy(on.gpu, {
      get(gpu, key) {
        if (key === 'read') return () => new Promise(() => {});
        const value = Reflect.get(gpu, key);
        return typeof value === 'function' ? value.bind(gpu) : value;
      },
    });
    const checked = checkExercise(stuck, map, house, { shaders: readShader, speed: false, patience: 0.1 });
    await expect(checked).rejects.toThrow(/has not ended within 0\.1 seconds/);
    await expect(checked).rejects.toBeInstanceOf(EndlessKernelError);
  });

  it('says so on an adapter without subgroups', async () => {
    const without: Gpu = Object.create(on.gpu, { adapter: { value: { ...on.gpu.adapter, subgroupSizes: [0, 0] } } });
    const subgroup = named('matmul-subgroup');
    const { findings } = await checkExercise(without, subgroup, readShader('matmul_subgroup'), { shaders: readShader });
    expect(findings[0]).toMatchObject({
      kind: 'adapter',
      text: expect.stringMatching(/^This adapter has no subgroups/),
    });
  });

  it('measures its speed once it is right', async () => {
    const { speed } = await check(named('matmul-naive'), readShader('matmul_naive'), { speed: true, steps: false });
    expect(speed?.title).toBe('A [260, 256], B [256, 192]');
    expect(speed?.house.map(({ name }) => name).slice(0, 2)).toEqual(['naive', 'tiled']);
    for (const { ms } of [...(speed?.house ?? []), { ms: speed?.ms ?? 0 }]) expect(ms).toBeGreaterThan(0);
    expect(speed?.gflops).toBeCloseTo((2 * 260 * 192 * 256) / (speed?.ms ?? 0) / 1e6, 6);
    expect(on.gpu.forcedRung).toBeUndefined();
  });
});
