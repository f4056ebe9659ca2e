// Gradient of softmax, from its output.
//
//   dx[r, c] = y[r, c] · (dy[r, c] − Σ over k of  dy[r, k] · y[r, k])
//
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [rows, classes]
@group(0) @binding(1) var<storage, read> y: array<f32>;         // [rows, classes]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let first = row * params.classes;
  var product = 0.0;
  for (var c = 0u; c < params.classes; c++) { product += dy[first + c] * y[first + c]; }
  for (var c = 0u; c < params.classes; c++) { dx[first + c] = y[first + c] * (dy[first + c] - product); }
}
