// Transposes each matrix of a stack, four by four elements at a time.
//
//   y[s, c, r] = x[s, r, c]
//
// Needs: rows and columns multiples of 4; `transpose.wgsl` takes any.
// Dispatch: grid of stack·rows/4·columns/4 invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  count: u32,    // stack · rows/4 · columns/4
  rows: u32,     // in vec4s
  columns: u32,  // in vec4s
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;        // [stack, rows, columns/4]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<E>>;  // [stack, columns, rows/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let column = i % params.columns;
  let row = i / params.columns % params.rows;
  let area = params.columns * params.rows;
  let place = i / area;
  let from_place = place * area * 4u + row * 4u * params.columns + column;
  let block = transpose(mat4x4f(
    vec4f(x[from_place]),
    vec4f(x[from_place + params.columns]),
    vec4f(x[from_place + 2u * params.columns]),
    vec4f(x[from_place + 3u * params.columns]),
  ));
  let to_place = place * area * 4u + column * 4u * params.rows + row;
  y[to_place] = vec4<E>(block[0]);
  y[to_place + params.rows] = vec4<E>(block[1]);
  y[to_place + 2u * params.rows] = vec4<E>(block[2]);
  y[to_place + 3u * params.rows] = vec4<E>(block[3]);
}
