// Gradient of the factors of squeeze and excitation with respect to what `squeeze_factors.wgsl` computes on the way, image by image.
//
//   dlogit[n, c]  = dfactor[n, c] · factor[n, c] · (1 − factor[n, c])
//   dhidden[n, j]  = f'(hidden[n, j]) · Σ over c of dlogit[n, c] · w2[j, c]
//   dmeans[n, c]   = Σ over j of dhidden[n, j] · w1[c, j]
//
// A workgroup takes an image; barriers separate the three.
// Dispatch: grid of images·64 invocations, 64 to a workgroup

struct Params {
  images: u32,
  channels: u32,
  squeezed: u32,
}

const RELU = 0u;
const SILU = 1u;
override ACTIVATION: u32 = RELU;

@group(0) @binding(0) var<storage, read> dfactor: array<f32>;         // [images, channels]
@group(0) @binding(1) var<storage, read> factor: array<f32>;          // [images, channels]
@group(0) @binding(2) var<storage, read> hidden: array<f32>;          // [images, squeezed]
@group(0) @binding(3) var<storage, read> w1: array<f32>;              // [channels, squeezed]
@group(0) @binding(4) var<storage, read> w2: array<f32>;              // [squeezed, channels]
@group(0) @binding(5) var<storage, read_write> dlogit: array<f32>;    // [images, channels]
@group(0) @binding(6) var<storage, read_write> dhidden: array<f32>;   // [images, squeezed]
@group(0) @binding(7) var<storage, read_write> dmeans: array<f32>;    // [images, channels]
@group(1) @binding(0) var<uniform> params: Params;

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: f32) -> f32 {
  let e = exp(-abs(v));
  return select(e, 1.0, v >= 0.0) / (1.0 + e);
}

// f'. Written so that the gradient passes where v is NaN.
fn slope(v: f32) -> f32 {
  if (ACTIVATION == SILU) {
    let s = sigmoid(v);
    return s * (1.0 + v * (1.0 - s));
  }
  return select(1.0, 0.0, v <= 0.0);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let n = workgroup.y * groups.x + workgroup.x;
  if (n >= params.images) { return; }
  for (var c = invocation; c < params.channels; c += 64u) {
    let at = n * params.channels + c;
    dlogit[at] = dfactor[at] * factor[at] * (1.0 - factor[at]);
  }
  storageBarrier();
  for (var j = invocation; j < params.squeezed; j += 64u) {
    var sum = 0.0;
    for (var c = 0u; c < params.channels; c++) {
      sum += dlogit[n * params.channels + c] * w2[j * params.channels + c];
    }
    let at = n * params.squeezed + j;
    dhidden[at] = sum * slope(hidden[at]);
  }
  storageBarrier();
  for (var c = invocation; c < params.channels; c += 64u) {
    var sum = 0.0;
    for (var j = 0u; j < params.squeezed; j++) {
      sum += dhidden[n * params.squeezed + j] * w1[c * params.squeezed + j];
    }
    dmeans[n * params.channels + c] = sum;
  }
}
