// Gradient of `log_softmax.wgsl`, from its output.
//
//   dx[r, c] = dy[r, c] − exp(y[r, c]) · Σ over k of dy[r, k]
//
// One invocation owns a row.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [rows, classes]
@group(0) @binding(1) var<storage, read> y: array<f32>;         // [rows, classes]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let first = row * params.classes;
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) { sum += dy[first + c]; }
  for (var c = 0u; c < params.classes; c++) {
    let log_p = y[first + c];
    // Some drivers' exp loses NaN.
    let p = select(exp(log_p), log_p, is_nan(log_p));
    dx[first + c] = dy[first + c] - p * sum;
  }
}
