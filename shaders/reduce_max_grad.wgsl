// Gradient of `reduce_max.wgsl`.
//
//   dx[o, r, i] = dy[o, i] where winner[o, i] = r, else 0
//
// Dispatch: grid of outer·rows·inner invocations, 256 to a workgroup

struct Params {
  count: u32,  // outer · rows · inner
  rows: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [outer, inner]
@group(0) @binding(1) var<storage, read> winner: array<u32>;    // [outer, inner]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [outer, rows, inner]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let row = i / params.inner;
  let at = row / params.rows * params.inner + i % params.inner;
  dx[i] = select(0.0, dy[at], winner[at] == row % params.rows);
}
