// Softmax over the last dimension.
//
//   y[r, c] = exp(x[r, c] − max_c x[r, ·]) / Σ over c of the same
//
// One invocation owns a row: the lab's rows have ten classes.
//
// Rung row: An invocation owns a row, so the largest value and the sum are found once for all its outputs: 3 loads for each output instead of
// 2·classes + 1, the more gained the longer the row. There are fewer invocations, one for each row, which is no loss as long as there are some
// thousand rows; beyond that a workgroup for each row would be the next rung, as in `softmax_loss.wgsl`.
//
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
  for (var c = 0u; c < params.classes; c++) { y[first + c] = exp(x[first + c] - largest) / sum; }
}
