// Logarithm of the softmax over the last dimension.
//
//   y[r, c] = (x[r, c] − m) − log Σ over k of exp(x[r, k] − m),   m = max_c x[r, ·]
//
// Large numbers do no harm, as the exponents are at most 0, and no logarithm of a small probability is taken. One invocation owns a row.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, classes]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

// The larger one, and NaN where either is: max and exp lose it on some drivers.
fn larger(a: f32, b: f32) -> f32 { return select(a, b, b > a || is_nan(b)); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let first = row * params.classes;
  var largest = x[first];
  for (var c = 1u; c < params.classes; c++) { largest = larger(largest, x[first + c]); }
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) { sum += exp(x[first + c] - largest); }
  let log_sum = log(sum);
  for (var c = 0u; c < params.classes; c++) { y[first + c] = (x[first + c] - largest) - log_sum; }
}
