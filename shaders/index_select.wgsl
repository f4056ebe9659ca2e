// Picks rows of the middle dimension by their indices.
//
//   y[o, k, i] = x[o, index[k], i]
//
// An index of no row gives NaN, never a read outside the array.
// Dispatch: grid of outer·picked·inner invocations, 256 to a workgroup

struct Params {
  count: u32,   // outer · picked · inner
  rows: u32,
  picked: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [outer, rows, inner]
@group(0) @binding(1) var<storage, read> index: array<u32>;    // [picked]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [outer, picked, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let row = index[i / params.inner % params.picked];
  let outer = i / (params.inner * params.picked);
  let known = row < params.rows;
  let value = x[(outer * params.rows + select(0u, row, known)) * params.inner + inner];
  y[i] = bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), known));
}
