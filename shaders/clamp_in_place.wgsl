// Brings every element between two bounds, in place.
//
//   y = min(max(y, −limit), limit)
//
// NaN stays NaN.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,  // ceil(count / 4)
  limit: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let value = y[i];
  let limit = vec4f(params.limit);
  // Written so that NaN stays NaN, which clamp() may lose.
  y[i] = select(select(value, -limit, value < -limit), limit, value > limit);
}
