// Gradient of `index_select.wgsl`: a row gets the sum over the places it was picked to.
//
//   dx[o, r, i] = Σ over k where index[k] = r of  dy[o, k, i]
//
// Each invocation owns one element of dx and looks through all indices in order: no atomics, and the same bits on every run. Indices of no row
// are left out.
// Dispatch: grid of outer·rows·inner invocations, 256 to a workgroup

struct Params {
  count: u32,   // outer · rows · inner
  rows: u32,
  picked: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [outer, picked, inner]
@group(0) @binding(1) var<storage, read> index: array<u32>;     // [picked]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [outer, rows, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let row = i / params.inner % params.rows;
  let outer = i / (params.inner * params.rows);
  var sum = 0.0;
  for (var k = 0u; k < params.picked; k++) {
    if (index[k] == row) { sum += dy[(outer * params.picked + k) * params.inner + inner]; }
  }
  dx[i] = sum;
}
