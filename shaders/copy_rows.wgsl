// Copies a block of columns from the rows of one matrix to those of another: what joins arrays, and takes them apart again.
//
//   y[r, y_first + j] = x[r, x_first + j],   0 ≤ j < columns
//
// Dispatch: grid of rows·columns invocations, 256 to a workgroup

struct Params {
  count: u32,     // rows · columns
  columns: u32,
  x_width: u32,
  x_first: u32,
  y_width: u32,
  y_first: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, x_width]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [rows, y_width]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let row = i / params.columns;
  let j = i - row * params.columns;
  y[row * params.y_width + params.y_first + j] = x[row * params.x_width + params.x_first + j];
}
