import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDispatchLine } from '../../scripts/check-shaders.ts';

const program = fileURLToPath(new URL('../../scripts/check-shaders.ts', import.meta.url));
const header = '// A shader.\n// Dispatch: [1, 1, 1]\n';
const entry = '@compute @workgroup_size(1)\nfn main() {}\n';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wgrad-shaders-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Runs the whole program on a folder of shaders. The time limit makes a process that does not end by itself a failure. */
function check(name: string, shaders: Record<string, string>) {
  const folder = join(root, name);
  mkdirSync(join(folder, 'shaders'), { recursive: true });
  for (const [file, text] of Object.entries(shaders)) writeFileSync(join(folder, 'shaders', file), text);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program, 'shaders'],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return { status, stdout, stderr };
}

describe('check-shaders', () => {
  it('passes good shaders and counts them', () => {
    const { status, stdout } = check('good', {
      'one.wgsl': header + entry,
      'two.wgsl': header + entry,
      'note.txt': 'no shader',
    });
    expect(stdout).toMatch(/^2 shaders checked on .+: no faults\.$/m);
    expect(status).toBe(0);
  });

  it('prints an error by file, line and column', () => {
    const bad = `${header}@compute @workgroup_size(1)\nfn main() {\n  let x: i32 = 1.5;\n}\n`;
    const { status, stdout } = check('error', { 'bad.wgsl': bad, 'good.wgsl': header + entry });
    expect(stdout).toMatch(/^shaders\/bad\.wgsl:5:16: error: .*i32/m);
    expect(stdout).not.toContain('good.wgsl:');
    expect(status).toBe(1);
  });

  it('fails on a warning too', () => {
    const odd = `${header}@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() {
  return;
  y[0] = 1;
}
`;
    const { status, stdout } = check('warning', { 'odd.wgsl': odd });
    expect(stdout).toMatch(/^shaders\/odd\.wgsl:7:\d+: warning: code is unreachable/m);
    expect(status).toBe(1);
  });

  it('compiles a shader in both types of its elements', () => {
    const half = `${header}alias T = f32;
@group(0) @binding(0) var<storage, read_write> y: array<T>;
@compute @workgroup_size(1)
fn main() {
  y[0] = 1.0;
}
`;
    const { status, stdout } = check('types', { 'half.wgsl': half });
    expect(stdout).toMatch(/^shaders\/half\.wgsl:7:\d+: error: .*vec4<f32>.* \(with elements vec4f\)$/m);
    expect(stdout).toContain('1 faults');
    expect(status).toBe(1);
    const both = check('both', { 'both.wgsl': half.replace('1.0', 'nothing') });
    expect(both.stdout.match(/unresolved value/g)).toHaveLength(1);
    expect(both.stdout).not.toContain('with T');
  });

  it('fails on params that stand elsewhere than at group 1, binding 0', () => {
    const odd = `${header}struct Params {
  a: u32,
}
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> params: Params;
@compute @workgroup_size(1)
fn main() {
  y[0] = params.a;
}
`;
    const { status, stdout } = check('params', { 'odd.wgsl': odd });
    expect(stdout).toMatch(/^shaders\/odd\.wgsl:1:1: error: a shader has one uniform at most, declared @group\(1\)/m);
    expect(status).toBe(1);
  });

  it('fails where the rows of a grid are not as far apart as its workgroups are large', () => {
    const odd = `${header}@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  y[id.y * groups.x * 256u + id.x] = 1u;
}
`;
    const { status, stdout } = check('stride', { 'odd.wgsl': odd, 'even.wgsl': odd.replace('256u', '64u') });
    expect(stdout).toMatch(
      /^shaders\/odd\.wgsl:6:1: error: the rows of the grid are 256 invocations apart, a workgroup has 64/m,
    );
    expect(stdout).toContain('1 faults');
    expect(status).toBe(1);
  });

  it('fails where two shaders have unlike what they repeat', () => {
    const twin = (value: string) => `${header}fn half() -> f32 { return ${value}; }\n${entry}`;
    const { status, stdout } = check('unlike', { 'a.wgsl': twin('0.5'), 'b.wgsl': twin('0.25') });
    expect(stdout).toMatch(
      /^shaders\/b\.wgsl:3:1: error: 'fn half\(\) -> f32' is not as in a\.wgsl:3; make them alike/m,
    );
    expect(status).toBe(1);
  });

  it('fails on a header without its dispatch', () => {
    const { status, stdout } = check('header', { 'bare.wgsl': entry });
    expect(stdout).toMatch(/^shaders\/bare\.wgsl:1:1: error: .*Dispatch/m);
    expect(status).toBe(1);
  });

  it('names a shader that needs what the adapter lacks, and does not count it', () => {
    // Dawn knows this extension, but offers it only where experimental ones are switched on.
    const needy = `${header}enable view_instancing;\n${entry}`;
    const { status, stdout } = check('lacking', { 'needy.wgsl': needy, 'good.wgsl': header + entry });
    expect(stdout).toMatch(/^shaders\/needy\.wgsl: not checked: it needs 'view_instancing'/m);
    expect(stdout).toMatch(/^1 shaders? checked on .+, 1 not checked: no faults\.$/m);
    expect(status).toBe(0);
  });

  it('fails where there are no shaders', () => {
    const { status, stderr } = check('empty', {});
    expect(stderr).toContain('no .wgsl files');
    expect(status).toBe(1);
  });
});

describe('hasDispatchLine', () => {
  it('looks in the comment that opens the file and nowhere else', () => {
    expect(hasDispatchLine('// Sum.\n//\n//   y = x\n// Dispatch: [ceil(n / 64), 1, 1]\n\nfn f() {}')).toBe(true);
    expect(hasDispatchLine('// Sum.\r\n// Dispatch: 1\r\n')).toBe(true);
    expect(hasDispatchLine('// Sum.\nfn f() {}\n// Dispatch: 1\n')).toBe(false);
    expect(hasDispatchLine('// Sum.\n\n// Dispatch: 1\n')).toBe(false);
    expect(hasDispatchLine('// Dispatch:\n')).toBe(false);
  });
});
