import { describe, expect, it } from 'vitest';
import { applied, draw, mutantsOf } from '../../../scripts/mutants/mutations.ts';

const SHADER = `// y[i] = a + b, for i < 4
enable subgroups;
const SIZE = 16u;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) { return; }
  workgroupBarrier();
  y[id.x] = max(a, 0.5) * kh;  // a - b
}
`;

const RULE = `import { f } from '../3 + 4.ts';
/** 1 + 2 */
throw new Error('1 < 2');
return [needs && a, -b, true];
`;

const seen = (file: string, text: string) =>
  mutantsOf(file, text).map(({ line, from, to }) => `${line}: ${from.trim()} → ${to.trim()}`.trim());

describe('mutantsOf', () => {
  it('makes every small mistake in the code of a shader, and none in comments and declarations', () => {
    expect(seen('shaders/one.wgsl', SHADER).sort()).toEqual([
      '3: 16u → 15u',
      '3: 16u → 17u',
      '7: (id.x >= params.count) → (false)',
      '7: .x → .y',
      '7: >= → >',
      '7: x → y',
      '8: workgroupBarrier(); →',
      '9: * → +',
      '9: * → /',
      '9: .x → .y',
      '9: 0.5 → 0.0',
      '9: 0.5 → 1.0',
      '9: max → min',
      '9: x → y',
      '9: y → x',
    ]);
  });

  it('swaps a variable only for one that is there', () => {
    expect(seen('shaders/one.wgsl', SHADER)).not.toContain('9: kh → kw');
    expect(seen('shaders/one.wgsl', `${SHADER}let kw = 2u;`)).toContain('9: kh → kw');
  });

  it('makes mistakes in a rule, and none in imports, messages and comments', () => {
    expect(seen('src/autograd/ops/one.ts', RULE).sort()).toEqual(['4: && → ||', '4: - →', '4: true → false']);
  });

  it('names a mistake by its text, wherever the line stands', () => {
    const [one] = mutantsOf('shaders/one.wgsl', SHADER);
    expect(mutantsOf('shaders/one.wgsl', SHADER)[0].id).toBe(one.id);
    expect(mutantsOf('shaders/other.wgsl', SHADER)[0].id).not.toBe(one.id);
    const ids = mutantsOf('shaders/one.wgsl', SHADER).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('applied', () => {
  it('changes the one place and nothing else', () => {
    const mutant = mutantsOf('shaders/one.wgsl', SHADER).find(({ from }) => from === ' >= ')!;
    expect(applied(SHADER, mutant)).toBe(SHADER.replace('id.x >= params', 'id.x > params'));
  });
});

describe('draw', () => {
  const texts = new Map([
    ['shaders/one.wgsl', SHADER],
    ['src/autograd/ops/one.ts', RULE],
  ]);

  it('takes turns between the files, the same for the same seed', () => {
    const drawn = draw(texts, 6, 1);
    expect(new Set(drawn.map(({ file }) => file)).size).toBe(2);
    expect(drawn.filter(({ file }) => file.endsWith('.ts'))).toHaveLength(3);
    expect(draw(texts, 6, 1)).toEqual(drawn);
    expect(draw(texts, 6, 2)).not.toEqual(drawn);
    expect(draw(texts, 4, 1)).toEqual(drawn.slice(0, 4));
  });

  it('takes all there are where more are asked for', () => {
    expect(draw(texts, 1000, 1)).toHaveLength(18);
  });
});
