// Gradient of a depthwise 2-D convolution with respect to its input, naive rung: one input element per invocation.
//
//   dX[n, ih, iw, c] = Σ over kh, kw, m of  dY[n, oh, ow, c·M + m] · W[kh, kw, c·M + m],   M = CO / C
//     where oh·stride = ih + pad − kh and ow·stride = iw + pad − kw, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Dispatch: grid of N·H·W·C invocations, 256 to a workgroup

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
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [N, OH, OW, CO]
@group(0) @binding(1) var<storage, read> weight: array<f32>;    // [KH, KW, 1, CO]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.n * params.h * params.w * params.ci) { return; }
  let multiplier = params.co / params.ci;
  let co = i % params.ci * multiplier;
  let iw = i / params.ci % params.w;
  let ih = i / (params.ci * params.w) % params.h;
  let n = i / (params.ci * params.w * params.h);
  var sum = 0.0;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: below zero wraps round to a large number, so one comparison finds both borders.
    let below = ih + params.pad_h - kh;
    let oh = below / params.stride_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let right = iw + params.pad_w - kw;
      let ow = right / params.stride_w;
      if (oh >= params.oh || ow >= params.ow) { continue; }
      if (oh * params.stride_h != below || ow * params.stride_w != right) { continue; }
      let pixel = ((n * params.oh + oh) * params.ow + ow) * params.co + co;
      let tap = (kh * params.kw + kw) * params.co + co;
      for (var m = 0u; m < multiplier; m++) {
        sum += dy[pixel + m] * weight[tap + m];
      }
    }
  }
  dx[i] = sum;
}
