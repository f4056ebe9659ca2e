// Rectified linear unit.
//
//   y[i] = max(x[i], 0)
//
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check guard

struct Params {
  vectors: u32,  // ceil(count / 4)
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  // TODO 1: the number of this invocation in the whole grid. id.x counts along a row of the grid; id.y says which row it is, and groups.x how many
  // workgroups a row holds.
  let i = id.x;
  // TODO 2: an invocation whose number is params.vectors or more has no work. Let it return.

  // Written so that NaN stays NaN, which max() may lose.
  y[i] = select(x[i], vec4f(0.0), x[i] < vec4f(0.0));
}
