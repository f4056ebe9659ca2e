// Picks elements by index.
//
//   y[i] = x[index[i]]
//
// Dispatch: grid of count invocations, 256 to a workgroup

struct Params {
  count: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;    // [count]
@group(0) @binding(2) var<storage, read_write> y: array<u32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  y[i] = x[index[i]];
}
