// Factor of batch normalisation in evaluation.
//
//   invstd[c] = 1 / √(var[c] + eps)
//
// Dispatch: grid of C invocations, 64 to a workgroup

struct Params {
  columns: u32,  // C
  eps: f32,
}

@group(0) @binding(0) var<storage, read> variance: array<f32>;      // [C]
@group(0) @binding(1) var<storage, read_write> invstd: array<f32>;  // [C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let c = id.y * groups.x * 64u + id.x;
  if (c >= params.columns) { return; }
  invstd[c] = 1.0 / sqrt(variance[c] + params.eps);
}
