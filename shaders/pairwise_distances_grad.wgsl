// Gradient of `pairwise_distances.wgsl`, from its output.
//
//   dx[i, d] = Σ over j of  (dy[i, j] + dy[j, i]) · (x[i, d] − x[j, d]) / y[i, j]
//
// Where two rows coincide there is no direction, and they add nothing.
// Dispatch: grid of rows·columns invocations, 256 to a workgroup

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [rows, rows]
@group(0) @binding(1) var<storage, read> y: array<f32>;         // [rows, rows]
@group(0) @binding(2) var<storage, read> x: array<f32>;         // [rows, columns]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;  // [rows, columns]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.rows * params.columns) { return; }
  let i = at / params.columns;
  let d = at % params.columns;
  var sum = 0.0;
  for (var j = 0u; j < params.rows; j++) {
    let distance = y[i * params.rows + j];
    // Written so that a NaN goes on.
    if (!(distance <= 0.0)) {
      let pull = dy[i * params.rows + j] + dy[j * params.rows + i];
      sum += pull * ((x[at] - x[j * params.columns + d]) / distance);
    }
  }
  dx[at] = sum;
}
