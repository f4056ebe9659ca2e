// Batch normalisation in evaluation as two numbers of each channel, by which the convolution before it finishes its own sums.
//
//   (s + b[c] − mean[c]) / √(variance[c] + eps) · weight[c] + bias[c]  =  factor[c] · s + offset[c],   s the convolution's sum, b its bias
//   factor[c] = weight[c] / √(variance[c] + eps),   offset[c] = bias[c] + (b[c] − mean[c]) · factor[c]
//
// Dispatch: grid of C invocations, 64 to a workgroup

struct Params {
  columns: u32,       // C
  eps: f32,
  has_conv_bias: u32,
}

@group(0) @binding(0) var<storage, read> mean: array<f32>;           // [C]
@group(0) @binding(1) var<storage, read> variance: array<f32>;       // [C]
@group(0) @binding(2) var<storage, read> weight: array<f32>;         // [C]
@group(0) @binding(3) var<storage, read> bias: array<f32>;           // [C]
@group(0) @binding(4) var<storage, read> conv_bias: array<f32>;      // [C], anything where has_conv_bias = 0
@group(0) @binding(5) var<storage, read_write> folded: array<f32>;   // [2, C]: offset, factor
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let c = id.y * groups.x * 64u + id.x;
  if (c >= params.columns) { return; }
  var center = mean[c];
  if (params.has_conv_bias != 0u) { center -= conv_bias[c]; }
  let factor = weight[c] / sqrt(variance[c] + params.eps);
  folded[c] = bias[c] - center * factor;
  folded[params.columns + c] = factor;
}
