// Gradient of a 2-D convolution with respect to its input, naive rung: one input element per invocation.
//
//   dX[n, ih, iw, ci] = Σ over kh, kw, co of  dY[n, oh, ow, co] · W[kh, kw, ci, co]
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Rung naive: The formula as it is written, one input element for each invocation: it asks every tap which output it met, and sums what comes back
// from there. Two loads for each multiply-add. W is read along its output channels, so neighbouring invocations, which own neighbouring input
// channels, load from places CO elements apart: on a GPU these loads do not join into wide ones.
//
// Dispatch: grid of N·H·W·CI invocations, 256 to a workgroup

alias E = f32;  // as which dy, weight and dx are stored: f16 in half precision

struct Params {
  n: u32,
  h: u32,
  w: u32,
  ci: u32,
  oh: u32,
  ow: u32,
  co: u32,
  kh: u32,
  kw: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  dilation_h: u32,
  dilation_w: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<E>;        // [N, OH, OW, CO]
@group(0) @binding(1) var<storage, read> weight: array<E>;    // [KH, KW, CI, CO]
@group(0) @binding(2) var<storage, read_write> dx: array<E>;  // [N, H, W, CI]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.n * params.h * params.w * params.ci) { return; }
  let ci = i % params.ci;
  let iw = i / params.ci % params.w;
  let ih = i / (params.ci * params.w) % params.h;
  let n = i / (params.ci * params.w * params.h);
  var sum = 0.0;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: below zero wraps round to a large number and fails the test against OH or OW.
    let top = ih + params.pad_h - kh * params.dilation_h;
    let oh = top / params.stride_h;
    if (oh >= params.oh || top % params.stride_h != 0u) { continue; }
    for (var kw = 0u; kw < params.kw; kw++) {
      let left = iw + params.pad_w - kw * params.dilation_w;
      let ow = left / params.stride_w;
      if (ow >= params.ow || left % params.stride_w != 0u) { continue; }
      let pixel = ((n * params.oh + oh) * params.ow + ow) * params.co;
      let tap = ((kh * params.kw + kw) * params.ci + ci) * params.co;
      for (var co = 0u; co < params.co; co++) {
        sum += f32(dy[pixel + co]) * f32(weight[tap + co]);
      }
    }
  }
  dx[i] = E(sum);
}
