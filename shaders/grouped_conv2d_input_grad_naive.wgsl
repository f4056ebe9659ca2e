// Gradient of a grouped 2-D convolution with respect to its input, naive rung: one input element per invocation.
//
//   dX[n, ih, iw, g·CI/G + j] = Σ over kh, kw and the group's co of  dY[n, oh, ow, co] · W[kh, kw, j, co]
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// T is f32, or vec4f for a depthwise convolution with C = CI = CO a multiple of 4: four neighbouring groups of one channel are as one, and a fourth
// of CI, CO and G is counted below.
// Dispatch: grid of N·H·W·CI invocations, 256 to a workgroup

alias T = f32;

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
  groups: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [N, OH, OW, CO]
@group(0) @binding(1) var<storage, read> weight: array<T>;    // [KH, KW, CI/G, CO]
@group(0) @binding(2) var<storage, read_write> dx: array<T>;  // [N, H, W, CI]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.n * params.h * params.w * params.ci) { return; }
  let ci = i % params.ci;
  let iw = i / params.ci % params.w;
  let ih = i / (params.ci * params.w) % params.h;
  let n = i / (params.ci * params.w * params.h);
  let depth = params.ci / params.groups;
  let width = params.co / params.groups;
  let co0 = ci / depth * width;
  var sum = T(0.0);
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: below zero wraps round to a large number, so one comparison finds both borders.
    let below = ih + params.pad_h - kh * params.dilation_h;
    let oh = below / params.stride_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let right = iw + params.pad_w - kw * params.dilation_w;
      let ow = right / params.stride_w;
      if (oh >= params.oh || ow >= params.ow) { continue; }
      if (oh * params.stride_h != below || ow * params.stride_w != right) { continue; }
      let pixel = ((n * params.oh + oh) * params.ow + ow) * params.co + co0;
      let tap = ((kh * params.kw + kw) * depth + ci % depth) * params.co + co0;
      for (var j = 0u; j < width; j++) {
        sum += dy[pixel + j] * weight[tap + j];
      }
    }
  }
  dx[i] = sum;
}
