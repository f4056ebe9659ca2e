// Product of the rows of a matrix with a number each.
//
//   y[o, r] = a[o, r] · b[o]
//
// `mul_broadcast.wgsl` with inner = 1, four neighbours of a row at once (vec4).
// Needs: repeat a multiple of 4.
// Dispatch: grid of outer·blocks invocations, 256 to a workgroup

struct Params {
  outer: u32,
  columns: u32,  // repeat/4
  blocks: u32,
}

@group(0) @binding(0) var<storage, read> a: array<vec4f>;        // [outer, repeat/4]
@group(0) @binding(1) var<storage, read> b: array<f32>;          // [outer]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [outer, repeat/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let outer = i / params.blocks;
  if (outer >= params.outer) { return; }
  let value = b[outer];
  for (var r = i - outer * params.blocks; r < params.columns; r += params.blocks) {
    let at = outer * params.columns + r;
    y[at] = a[at] * value;
  }
}
