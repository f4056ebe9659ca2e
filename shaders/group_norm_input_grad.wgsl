// Gradient of group and layer normalisation with respect to their input, x̂ = (X − mean) · invstd.
//
//   dX[n, p, g, d] = invstd[n, g] · (dY[n, p, g, d] · weight[g, d] − (direct[n, g] + x̂[n, p, g, d] · turned[n, g]) / (P·D))
//
// T is f32, or vec4f where D is a multiple of 4: four neighbouring channels at once, and a fourth of D counted below.
// Dispatch: grid of N·P·G·D invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,   // N·P·G·D
  pixels: u32,  // P
  groups: u32,  // G
  width: u32,   // D
  size: u32,    // P·D in single elements
  has_weight: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [N, P, G, D]
@group(0) @binding(1) var<storage, read> x: array<T>;         // [N, P, G, D]
@group(0) @binding(2) var<storage, read> mean: array<f32>;    // [N, G]
@group(0) @binding(3) var<storage, read> invstd: array<f32>;  // [N, G]
@group(0) @binding(4) var<storage, read> weight: array<T>;    // [G, D], anything where has_weight = 0
@group(0) @binding(5) var<storage, read> direct: array<f32>;  // [N, G], see `group_norm_grad_sums.wgsl`
@group(0) @binding(6) var<storage, read> turned: array<f32>;  // [N, G]
@group(0) @binding(7) var<storage, read_write> dx: array<T>;  // [N, P, G, D]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let channel = i % (params.groups * params.width);
  let sample = i / (params.groups * params.width) / params.pixels;
  let block = sample * params.groups + channel / params.width;
  var gradient = dy[i];
  if (params.has_weight != 0u) { gradient *= weight[channel]; }
  let normal = (x[i] - T(mean[block])) * invstd[block];
  dx[i] = invstd[block] * (gradient - (T(direct[block]) + normal * turned[block]) / f32(params.size));
}
