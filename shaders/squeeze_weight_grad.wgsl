// Gradients of the weights and biases of squeeze and excitation, all four in one dispatch: sums over the images, in their order.
//
//   dw1[c, j] = Σ over n of means[n, c] · dhidden[n, j]             db1[j] = Σ over n of dhidden[n, j]
//   dw2[j, c] = Σ over n of f(hidden[n, j]) · dexcited[n, c]        db2[c] = Σ over n of dexcited[n, c]
//
// dhidden and dexcited are those of `squeeze_factors_grad.wgsl`. An invocation takes an element of the four.
// Dispatch: grid of 2·channels·squeezed + squeezed + channels invocations, 64 to a workgroup

struct Params {
  images: u32,
  channels: u32,
  squeezed: u32,
}

const RELU = 0u;
const SILU = 1u;
override ACTIVATION: u32 = RELU;

@group(0) @binding(0) var<storage, read> means: array<f32>;      // [images, channels]
@group(0) @binding(1) var<storage, read> hidden: array<f32>;     // [images, squeezed]
@group(0) @binding(2) var<storage, read> dhidden: array<f32>;    // [images, squeezed]
@group(0) @binding(3) var<storage, read> dexcited: array<f32>;   // [images, channels]
@group(0) @binding(4) var<storage, read_write> dw1: array<f32>;  // [channels, squeezed]
@group(0) @binding(5) var<storage, read_write> db1: array<f32>;  // [squeezed]
@group(0) @binding(6) var<storage, read_write> dw2: array<f32>;  // [squeezed, channels]
@group(0) @binding(7) var<storage, read_write> db2: array<f32>;  // [channels]
@group(1) @binding(0) var<uniform> params: Params;

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: f32) -> f32 {
  let e = exp(-abs(v));
  return select(e, 1.0, v >= 0.0) / (1.0 + e);
}

// f. Written so that NaN stays NaN, which max() may lose.
fn squeezed_value(v: f32) -> f32 {
  if (ACTIVATION == SILU) { return v * sigmoid(v); }
  return select(v, 0.0, v < 0.0);
}

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
      sum += squeezed_value(hidden[n * params.squeezed + j]) * dexcited[n * params.channels + c];
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
  for (var n = 0u; n < params.images; n++) { sum += dexcited[n * params.channels + i]; }
  db2[i] = sum;
}
