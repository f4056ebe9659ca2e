// Transposes each matrix of a stack, and reverses the order of the stack if asked.
//
//   y[s, c, r] = x[s, r, c],  or x[stack − 1 − s, r, c]
//
// Dispatch: grid of stack·rows·columns invocations, 256 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check transpose

struct Params {
  count: u32,  // stack · rows · columns
  rows: u32,
  columns: u32,
  reversed: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [stack, rows, columns]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [stack, columns, rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  // TODO 1: element i of y is y[place, column, row]. Find the three from i. (y has `columns` rows of `rows` elements.)
  let place = 0u;
  let column = 0u;
  let row = i;
  // TODO 2: where params.reversed is not 0, the matrix to read is counted from the end of the stack.
  let from_place = place;
  // TODO 3: the place of x[from_place, row, column] in memory.
  y[i] = x[row];
}
