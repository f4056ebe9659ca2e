// Gradients of the weights and biases of squeeze and excitation, all four in one dispatch: sums over the images, in their order.
//
//   dw1[c, j] = Σ over n of means[n, c] · dhidden[n, j]             db1[j] = Σ over n of dhidden[n, j]
//   dw2[j, c] = Σ over n of excited[n, j] · dlogit[n, c]            db2[c] = Σ over n of dlogit[n, c]
//
// dhidden and dlogit are those of `squeeze_factors_grad.wgsl`. An invocation takes an element of the four.
// Dispatch: grid of 2·channels·squeezed + squeezed + channels invocations, 64 to a workgroup

struct Params {
  images: u32,
  channels: u32,
  squeezed: u32,
}

@group(0) @binding(0) var<storage, read> means: array<f32>;      // [images, channels]
@group(0) @binding(1) var<storage, read> excited: array<f32>;    // [images, squeezed]
@group(0) @binding(2) var<storage, read> dhidden: array<f32>;    // [images, squeezed]
@group(0) @binding(3) var<storage, read> dlogit: array<f32>;     // [images, channels]
@group(0) @binding(4) var<storage, read_write> dw1: array<f32>;  // [channels, squeezed]
@group(0) @binding(5) var<storage, read_write> db1: array<f32>;  // [squeezed]
@group(0) @binding(6) var<storage, read_write> dw2: array<f32>;  // [squeezed, channels]
@group(0) @binding(7) var<storage, read_write> db2: array<f32>;  // [channels]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  var i = id.y * groups.x * 64u + id.x;
  let weights = params.channels * params.squeezed;
  var sum = 0.0;
  if (i < weights) {
    let c = i / params.squeezed;
    let j = i % params.squeezed;
    for (var n = 0u; n < params.images; n++) {
      sum += means[n * params.channels + c] * dhidden[n * params.squeezed + j];
    }
    dw1[i] = sum;
    return;
  }
  i -= weights;
  if (i < weights) {
    let j = i / params.channels;
    let c = i % params.channels;
    for (var n = 0u; n < params.images; n++) {
      sum += excited[n * params.squeezed + j] * dlogit[n * params.channels + c];
    }
    dw2[i] = sum;
    return;
  }
  i -= weights;
  if (i < params.squeezed) {
    for (var n = 0u; n < params.images; n++) { sum += dhidden[n * params.squeezed + i]; }
    db1[i] = sum;
    return;
  }
  i -= params.squeezed;
  if (i >= params.channels) { return; }
  for (var n = 0u; n < params.images; n++) { sum += dlogit[n * params.channels + i]; }
  db2[i] = sum;
}
