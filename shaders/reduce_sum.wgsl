// Sums over the middle dimension, in slices.
//
//   y[o, s, i] = factor · Σ over r ≡ s (mod slices) of  x[o, r, i]
//
// Each invocation owns one (o, s, i) and adds its rows in order, so the result is the same bit for bit on every run. A long sum is taken
// twice: first into slices, then, with slices = 1, over these.
// T is f32, or vec4f where inner is a multiple of 4: four neighbours of the last dimension at once, and a fourth of inner counted below.
// Dispatch: grid of outer·slices·inner invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,   // outer · slices · inner
  rows: u32,
  inner: u32,
  slices: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [outer, rows, inner]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [outer, slices, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let slice = i / params.inner % params.slices;
  let outer = i / (params.inner * params.slices);
  var sum = T(0.0);
  for (var r = slice; r < params.rows; r += params.slices) {
    sum += x[(outer * params.rows + r) * params.inner + inner];
  }
  y[i] = params.factor * sum;
}
