// Squeeze and excitation, the factors of the channels: two small layers that see the means of an image's channels.
//
//   hidden[n, j] = b1[j] + Σ over c of means[n, c] · w1[c, j]
//   excited[n, j] = f(hidden[n, j])
//   factor[n, c] = σ(b2[c] + Σ over j of excited[n, j] · w2[j, c])
//
//   f by ACTIVATION: RELU  max(v, 0)      SILU  v · σ(v)
//
// A workgroup takes an image: its invocations share the hidden values, which a barrier separates from the factors. Four operations and their dispatches
// (product, activation, product, sigmoid) are one, as each computes next to nothing.
// Dispatch: grid of images·64 invocations, 64 to a workgroup

struct Params {
  images: u32,
  channels: u32,
  squeezed: u32,
}

const RELU = 0u;
const SILU = 1u;
override ACTIVATION: u32 = RELU;

@group(0) @binding(0) var<storage, read> means: array<f32>;         // [images, channels]
@group(0) @binding(1) var<storage, read> w1: array<f32>;            // [channels, squeezed]
@group(0) @binding(2) var<storage, read> b1: array<f32>;            // [squeezed]
@group(0) @binding(3) var<storage, read> w2: array<f32>;            // [squeezed, channels]
@group(0) @binding(4) var<storage, read> b2: array<f32>;            // [channels]
@group(0) @binding(5) var<storage, read_write> hidden: array<f32>;   // [images, squeezed]
@group(0) @binding(6) var<storage, read_write> excited: array<f32>;  // [images, squeezed]
@group(0) @binding(7) var<storage, read_write> factor: array<f32>;   // [images, channels]
@group(1) @binding(0) var<uniform> params: Params;

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: f32) -> f32 {
  let e = exp(-abs(v));
  return select(e, 1.0, v >= 0.0) / (1.0 + e);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let n = workgroup.y * groups.x + workgroup.x;
  if (n >= params.images) { return; }
  for (var j = invocation; j < params.squeezed; j += 64u) {
    var sum = b1[j];
    for (var c = 0u; c < params.channels; c++) {
      sum += means[n * params.channels + c] * w1[c * params.squeezed + j];
    }
    let at = n * params.squeezed + j;
    hidden[at] = sum;
    // Written so that NaN stays NaN, which max() may lose.
    excited[at] = select(select(sum, 0.0, sum < 0.0), sum * sigmoid(sum), ACTIVATION == SILU);
  }
  storageBarrier();
  for (var c = invocation; c < params.channels; c += 64u) {
    var sum = b2[c];
    for (var j = 0u; j < params.squeezed; j++) {
      sum += excited[n * params.squeezed + j] * w2[j * params.channels + c];
    }
    factor[n * params.channels + c] = sigmoid(sum);
  }
}
