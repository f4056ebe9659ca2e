// Softplus, a smooth relu.
//
//   y[i] = ln(1 + e^(beta · x[i])) / beta = max(x[i], 0) + ln(1 + e^(−|beta · x[i]|)) / beta
//
// The second form does not overflow.
// Dispatch: grid of `count` invocations, 64 to a workgroup

struct Params {
  count: u32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;  // [count]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }
  y[i] = max(x[i], 0.0) + log(1.0 + exp(-abs(params.beta * x[i]))) / params.beta;
}
