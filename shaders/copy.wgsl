// A copy.
//
//   y[i] = x[i]
//
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  vectors: u32,  // ceil(count / 4)
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;  // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<E>>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  y[i] = vec4<E>(vec4f(x[i]));
}
