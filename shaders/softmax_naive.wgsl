// Softmax over the last dimension, naive rung: one output per invocation.
//
//   y[r, c] = exp(x[r, c] − m) / Σ over k of exp(x[r, k] − m),   m = max over k of x[r, k]
//
// Rung naive: The formula as it is written. Every output finds the largest value and the sum of its row by itself, 2·classes + 1 loads for one
// result, so the invocations of a row do the same work again and again. It is fast only where a row is short and its values stay in a cache. Used by
// `wgrad ladder` and by tests; what the engine runs is `softmax.wgsl`.
//
// Dispatch: grid of rows·classes invocations, 64 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, classes]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows * params.classes) { return; }
  let first = i / params.classes * params.classes;
  var largest = x[first];
  for (var c = 1u; c < params.classes; c++) { largest = max(largest, x[first + c]); }
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) { sum += exp(x[first + c] - largest); }
  y[i] = exp(x[i] - largest) / sum;
}
