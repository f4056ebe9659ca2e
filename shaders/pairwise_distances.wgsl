// Euclidean distances between the rows of a matrix.
//
//   y[i, j] = √(Σ over d of (x[i, d] − x[j, d])²)
//
// The differences are taken first: |a|² + |b|² − 2ab would lose the distance of close points to rounding.
// Dispatch: grid of rows² invocations, 256 to a workgroup

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, columns]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [rows, rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.rows * params.rows) { return; }
  let i = at / params.rows * params.columns;
  let j = at % params.rows * params.columns;
  var squares = 0.0;
  for (var d = 0u; d < params.columns; d++) {
    let difference = x[i + d] - x[j + d];
    squares += difference * difference;
  }
  y[at] = sqrt(squares);
}
