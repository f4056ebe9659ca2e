// Mixup (Zhang et al., 2018): each image of a batch mixed with its partner.
//
//   Y[b, i] = λ · X[b, i] + (1 − λ) · X[partner[b], i]
//
// Dispatch: grid of B·each invocations, 256 to a workgroup

struct Params {
  count: u32,   // B · each
  each: u32,    // numbers of an image
  lambda: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [B, each]
@group(0) @binding(1) var<storage, read> partner: array<u32>;  // [B]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [B, each]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.count) { return; }
  let b = at / params.each;
  let other = partner[b] * params.each + (at - b * params.each);
  y[at] = params.lambda * x[at] + (1.0 - params.lambda) * x[other];
}
