// Product of an array and a smaller one, repeated over the dimension that it lacks, four neighbours of the last dimension at once.
//
//   y[o, r, i] = a[o, r, i] · b[o, i]
//
// An invocation owns a run of r for one (o, i), so that it reads b once.
// Needs: inner a multiple of 4; `mul_broadcast.wgsl` takes any.
// Dispatch: grid of outer·ceil(repeat / run)·inner/4 invocations, 256 to a workgroup

struct Params {
  count: u32,   // outer · ceil(repeat / run) · inner/4
  repeat: u32,
  inner: u32,   // in vec4s
  run: u32,
  runs: u32,    // ceil(repeat / run)
}

@group(0) @binding(0) var<storage, read> a: array<vec4f>;        // [outer, repeat, inner/4]
@group(0) @binding(1) var<storage, read> b: array<vec4f>;        // [outer, inner/4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [outer, repeat, inner/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let first = i / params.inner % params.runs * params.run;
  let outer = i / (params.inner * params.runs);
  let factor = b[outer * params.inner + inner];
  for (var r = first; r < min(first + params.run, params.repeat); r++) {
    let at = (outer * params.repeat + r) * params.inner + inner;
    y[at] = a[at] * factor;
  }
}
