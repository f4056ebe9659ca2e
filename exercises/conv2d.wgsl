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
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check conv2d

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

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> weight: array<f32>;   // [KH, KW, CI, CO]
@group(0) @binding(2) var<storage, read> bias: array<f32>;     // [CO], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<f32>;  // [N, OH, OW, CO]
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
    // TODO 1: the row of X that tap kh of output row oh meets. Mind the stride, the dilation and the padding.
    let ih = oh + kh;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow + kw;
      // TODO 2: X is 0 outside its borders: leave such taps out. (Unsigned, a number below zero wraps round to a large one.)

      // TODO 3: where X[n, ih, iw, 0] begins, and where the weights of tap (kh, kw) do.
      let pixel = ih * params.w + iw;
      let tap = kh * params.kw + kw;
      for (var ci = 0u; ci < params.ci; ci++) {
        sum += x[pixel + ci] * weight[(tap + ci) * params.co + co];
      }
    }
  }
  // TODO 4: add the bias of channel co where there is one.
  y[i] = sum;
}
