// What each element brings to the gradient of the weights of group and layer normalisation; `reduce_sum.wgsl` adds them over N and P.
//
//   terms[n, p, g, d] = dY[n, p, g, d] · (X[n, p, g, d] − mean[n, g]) · invstd[n, g]
//
// T is f32, or vec4f where D is a multiple of 4: four neighbouring channels at once, and a fourth of D counted below.
// Dispatch: grid of N·P·G·D invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,   // N·P·G·D
  pixels: u32,  // P
  groups: u32,  // G
  width: u32,   // D
}

@group(0) @binding(0) var<storage, read> dy: array<T>;           // [N, P, G, D]
@group(0) @binding(1) var<storage, read> x: array<T>;            // [N, P, G, D]
@group(0) @binding(2) var<storage, read> mean: array<f32>;       // [N, G]
@group(0) @binding(3) var<storage, read> invstd: array<f32>;     // [N, G]
@group(0) @binding(4) var<storage, read_write> terms: array<T>;  // [N, P, G, D]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let channel = i % (params.groups * params.width);
  let sample = i / (params.groups * params.width) / params.pixels;
  let block = sample * params.groups + channel / params.width;
  terms[i] = dy[i] * (x[i] - T(mean[block])) * invstd[block];
}
