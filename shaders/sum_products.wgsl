// Sums of products over the middle dimension, in slices: the gradient of a factor that was repeated.
//
//   y[o, s, i] = Σ over r ≡ s (mod slices) of  a[o, r, i] · b[o, r, i]
//
// Each invocation owns one (o, s, i) and adds its rows in order; `reduce_sum.wgsl` adds the slices, in a fixed order.
// T is f32, or vec4f where inner is a multiple of 4: four neighbours of the last dimension at once, and a fourth of inner counted below.
// Dispatch: grid of outer·slices·inner invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,   // outer · slices · inner
  rows: u32,
  inner: u32,
  slices: u32,
}

@group(0) @binding(0) var<storage, read> a: array<T>;        // [outer, rows, inner]
@group(0) @binding(1) var<storage, read> b: array<T>;        // [outer, rows, inner]
@group(0) @binding(2) var<storage, read_write> y: array<T>;  // [outer, slices, inner]
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
    let at = (outer * params.rows + r) * params.inner + inner;
    sum += a[at] * b[at];
  }
  y[i] = sum;
}
