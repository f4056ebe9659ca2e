// Sum of an array and a smaller one, repeated over the dimension that it lacks.
//
//   y[o, r, i] = a[o, r, i] + b[o, i]
//
// With outer = 1, b is one value per channel (inner = C) or a single number (inner = 1); with outer = N, one value per image and channel
// (repeat = H·W, inner = C) or one per image (inner = 1).
// Dispatch: grid of outer·repeat·inner invocations, 256 to a workgroup

struct Params {
  count: u32,   // outer · repeat · inner
  repeat: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;        // [outer, repeat, inner]
@group(0) @binding(1) var<storage, read> b: array<f32>;        // [outer, inner]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [outer, repeat, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let outer = i / (params.repeat * params.inner);
  y[i] = a[i] + b[outer * params.inner + i % params.inner];
}
