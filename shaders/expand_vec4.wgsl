// Repeats an array over a dimension that it lacks, four neighbours of the last dimension at once: the gradient of a sum.
//
//   y[o, r, i] = factor · x[o, i]
//
// An invocation owns a run of r for one (o, i), so that it reads x once.
// Needs: inner a multiple of 4; `expand.wgsl` takes any.
// Dispatch: grid of outer·ceil(repeat / run)·inner/4 invocations, 256 to a workgroup

alias E = f32;  // as which y is stored: f16 in half precision

struct Params {
  count: u32,   // outer · ceil(repeat / run) · inner/4
  repeat: u32,
  inner: u32,   // in vec4s
  run: u32,
  runs: u32,    // ceil(repeat / run)
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [outer, inner/4]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<E>>;  // [outer, repeat, inner/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let first = i / params.inner % params.runs * params.run;
  let outer = i / (params.inner * params.runs);
  let value = params.factor * x[outer * params.inner + inner];
  for (var r = first; r < min(first + params.run, params.repeat); r++) {
    y[(outer * params.repeat + r) * params.inner + inner] = vec4<E>(value);
  }
}
