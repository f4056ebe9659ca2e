// Gradient of a grouped 2-D convolution with respect to its input, vec4 rung: four neighbouring input channels per invocation, which read
// four output channels at once.
//
//   dX[n, ih, iw, g·CI/G + j] = Σ over kh, kw and the group's co of  dY[n, oh, ow, co] · W[kh, kw, j, co]
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Needs: CI/G and CO/G multiples of 4; `grouped_conv2d_input_grad_naive.wgsl` takes any.
// Dispatch: grid of N·H·W·CI/4 invocations, 256 to a workgroup

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

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, CO/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;    // [KH, KW, CI/G, CO/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;  // [N, H, W, CI/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let inputs = params.ci / 4u;
  if (i >= params.n * params.h * params.w * inputs) { return; }
  let ci = i % inputs;  // in vec4s, as are co0, width, pixel and columns
  let iw = i / inputs % params.w;
  let ih = i / (inputs * params.w) % params.h;
  let n = i / (inputs * params.w * params.h);
  let depth = params.ci / params.groups;
  let columns = params.co / 4u;
  let width = columns / params.groups;
  let co0 = ci * 4u / depth * width;
  var sum = vec4f(0.0);
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: below zero wraps round to a large number, so one comparison finds both borders.
    let below = ih + params.pad_h - kh * params.dilation_h;
    let oh = below / params.stride_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let right = iw + params.pad_w - kw * params.dilation_w;
      let ow = right / params.stride_w;
      if (oh >= params.oh || ow >= params.ow) { continue; }
      if (oh * params.stride_h != below || ow * params.stride_w != right) { continue; }
      let pixel = ((n * params.oh + oh) * params.ow + ow) * columns + co0;
      let tap = ((kh * params.kw + kw) * depth + ci * 4u % depth) * columns + co0;
      for (var j = 0u; j < width; j++) {
        let d = dy[pixel + j];
        let at = tap + j;
        sum += vec4f(
          dot(d, weight[at]),
          dot(d, weight[at + columns]),
          dot(d, weight[at + 2u * columns]),
          dot(d, weight[at + 3u * columns]),
        );
      }
    }
  }
  dx[i] = sum;
}
