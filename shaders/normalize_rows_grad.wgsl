// Gradient of `normalize_rows.wgsl`, from its outputs.
//
//   dx[r, c] = (dy[r, c] − y[r, c] · Σ over k of  dy[r, k] · y[r, k]) / norm[r]
//
// A row shorter than EPS was divided by EPS, a constant: dx = dy / EPS.
// Dispatch: grid of rows invocations, 64 to a workgroup

override EPS: f32 = 1e-12;

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [rows, columns]
@group(0) @binding(1) var<storage, read> y: array<f32>;         // [rows, columns]
@group(0) @binding(2) var<storage, read> norm: array<f32>;      // [rows]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;  // [rows, columns]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  var along = 0.0;
  if (norm[row] > EPS) {
    for (var c = 0u; c < params.columns; c++) { along += dy[first + c] * y[first + c]; }
  }
  for (var c = 0u; c < params.columns; c++) {
    dx[first + c] = (dy[first + c] - y[first + c] * along) / norm[row];
  }
}
