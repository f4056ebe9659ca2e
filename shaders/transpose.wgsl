// Transposes each matrix of a stack.
//
//   y[s, c, r] = x[s, r, c]
//
// Dispatch: grid of stack·rows·columns invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  count: u32,  // stack · rows · columns
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<E>;        // [stack, rows, columns]
@group(0) @binding(1) var<storage, read_write> y: array<E>;  // [stack, columns, rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let area = params.rows * params.columns;
  let column = i % area / params.rows;
  let row = i % params.rows;
  let place = i / area;
  y[i] = E(f32(x[place * area + row * params.columns + column]));
}
