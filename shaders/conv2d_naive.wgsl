// 2-D convolution (cross-correlation, as everywhere in deep learning), naive rung: one output per invocation.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · W[kh, kw, ci, co]
//
// X is 0 outside its borders.
//
// Rung naive: The formula as it is written, one output for each invocation. Every multiply-add loads its pixel and its weight anew, and each tap
// asks whether it lies inside the image. Neighbouring outputs read the same pixels, and all pixels the same weights, but nothing of that is
// shared: two loads for two operations, so the loads decide the time.
//
// Dispatch: grid of N·OH·OW·CO invocations, 256 to a workgroup

alias E = f32;  // as which x, weight and y are stored: f16 in half precision

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
  has_bias: u32,
}

@group(0) @binding(0) var<storage, read> x: array<E>;        // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> weight: array<E>;   // [KH, KW, CI, CO]
@group(0) @binding(2) var<storage, read> bias: array<f32>;     // [CO], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<E>;  // [N, OH, OW, CO]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.n * params.oh * params.ow * params.co) { return; }
  let co = i % params.co;
  let ow = i / params.co % params.ow;
  let oh = i / (params.co * params.ow) % params.oh;
  let n = i / (params.co * params.ow * params.oh);
  var sum = 0.0;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number, so one comparison finds both borders.
    let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      let pixel = ((n * params.h + ih) * params.w + iw) * params.ci;
      let tap = (kh * params.kw + kw) * params.ci;
      for (var ci = 0u; ci < params.ci; ci++) {
        sum += f32(x[pixel + ci]) * f32(weight[(tap + ci) * params.co + co]);
      }
    }
  }
  y[i] = E(sum + select(0.0, bias[co], params.has_bias != 0u));
}
