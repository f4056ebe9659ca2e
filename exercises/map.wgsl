// Product with a number.
//
//   y[i] = factor · x[i]
//
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check map

struct Params {
  vectors: u32,  // ceil(count / 4)
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  // TODO 1: write y[i]. x[i] holds four numbers; params.factor is the number to multiply by.
}
