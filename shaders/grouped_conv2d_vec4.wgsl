// Grouped 2-D convolution, vec4 rung: four neighbouring output channels per invocation, which read four input channels at once.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, j of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, g·CI/G + j] · W[kh, kw, j, co]
//     where g = ⌊co / (CO/G)⌋ is the group of the output channel
//
// X is 0 outside its borders.
// Needs: CI/G and CO/G multiples of 4; `grouped_conv2d_naive.wgsl` takes any.
// Dispatch: grid of N·OH·OW·CO/4 invocations, 256 to a workgroup

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

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;   // [KH, KW, CI/G, CO/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [CO/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N, OH, OW, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let columns = params.co / 4u;
  if (i >= params.n * params.oh * params.ow * columns) { return; }
  let co = i % columns;  // in vec4s, as are ci0, pixel and depth
  let ow = i / columns % params.ow;
  let oh = i / (columns * params.ow) % params.oh;
  let n = i / (columns * params.ow * params.oh);
  let depth = params.ci / params.groups / 4u;
  let ci0 = co / (columns / params.groups) * depth;
  var sum = vec4f(0.0);
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number, so one comparison finds both borders.
    let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      let pixel = ((n * params.h + ih) * params.w + iw) * params.ci / 4u + ci0;
      let tap = (kh * params.kw + kw) * depth;
      for (var j = 0u; j < depth; j++) {
        let v = x[pixel + j];
        let at = (tap + j) * 4u * columns + co;
        sum += v.x * weight[at] + v.y * weight[at + columns] + v.z * weight[at + 2u * columns] + v.w * weight[at + 3u * columns];
      }
    }
  }
  if (params.has_bias != 0u) { sum += bias[co]; }
  y[i] = sum;
}
