// Repeats an array over a dimension that it lacks: the gradient of a sum.
//
//   y[o, r, i] = factor · x[o, i]
//
// Dispatch: grid of outer·repeat·inner invocations, 256 to a workgroup

alias E = f32;  // as which y is stored: f16 in half precision

struct Params {
  count: u32,   // outer · repeat · inner
  repeat: u32,
  inner: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [outer, inner]
@group(0) @binding(1) var<storage, read_write> y: array<E>;  // [outer, repeat, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let outer = i / (params.repeat * params.inner);
  y[i] = E(params.factor * x[outer * params.inner + i % params.inner]);
}
