// Gradient of softplus.
//
//   dx[i] = dy[i] / (1 + e^(−beta · x[i]))
//
// Dispatch: grid of `count` invocations, 64 to a workgroup

struct Params {
  count: u32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;  // [count]
@group(0) @binding(1) var<storage, read> x: array<f32>;  // [count]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }
  dx[i] = dy[i] / (1.0 + exp(-params.beta * x[i]));
}
