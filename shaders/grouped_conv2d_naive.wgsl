// Grouped 2-D convolution, naive rung: one output per invocation. Output channels see the input channels of their group alone.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, j of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, g·CI/G + j] · W[kh, kw, j, co]
//     where g = ⌊co / (CO/G)⌋ is the group of the output channel
//
// X is 0 outside its borders.
// T is f32, or vec4f for a depthwise convolution with C = CI = CO a multiple of 4: four neighbouring groups of one channel are as one, and a fourth
// of CI, CO and G is counted below.
// Dispatch: grid of N·OH·OW·CO invocations, 256 to a workgroup

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
  has_bias: u32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> weight: array<T>;   // [KH, KW, CI/G, CO]
@group(0) @binding(2) var<storage, read> bias: array<T>;     // [CO], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<T>;  // [N, OH, OW, CO]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.n * params.oh * params.ow * params.co) { return; }
  let co = i % params.co;
  let ow = i / params.co % params.ow;
  let oh = i / (params.co * params.ow) % params.oh;
  let n = i / (params.co * params.ow * params.oh);
  let depth = params.ci / params.groups;
  let ci0 = co / (params.co / params.groups) * depth;
  var sum = T(0.0);
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number, so one comparison finds both borders.
    let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      let pixel = ((n * params.h + ih) * params.w + iw) * params.ci + ci0;
      let tap = (kh * params.kw + kw) * depth;
      for (var j = 0u; j < depth; j++) {
        sum += x[pixel + j] * weight[(tap + j) * params.co + co];
      }
    }
  }
  y[i] = sum + select(T(0.0), bias[co], params.has_bias != 0u);
}
