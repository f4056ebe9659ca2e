// Rows of length 1.
//
//   norm[r] = max(√(Σ over c of x[r, c]²), EPS)
//   y[r, c] = x[r, c] / norm[r]
//
// One invocation owns a row: a batch has few of them.
// Dispatch: grid of rows invocations, 64 to a workgroup

override EPS: f32 = 1e-12;

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;           // [rows, columns]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;     // [rows, columns]
@group(0) @binding(2) var<storage, read_write> norm: array<f32>;  // [rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  var squares = 0.0;
  for (var c = 0u; c < params.columns; c++) { squares += x[first + c] * x[first + c]; }
  // Written so that NaN stays NaN, which max() may lose.
  let norm_of_row = sqrt(squares);
  let length = select(norm_of_row, EPS, norm_of_row < EPS);
  for (var c = 0u; c < params.columns; c++) { y[first + c] = x[first + c] / length; }
  norm[row] = length;
}
