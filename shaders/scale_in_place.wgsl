// Multiplies every element, in place, by a factor that the device has computed.
//
//   y = factor · y
//
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,  // ceil(count / 4)
}

@group(0) @binding(0) var<storage, read> factor: array<f32>;         // [1]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;      // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  y[i] *= factor[0];
}
