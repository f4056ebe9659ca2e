// Gradient of a 2-D convolution with respect to its weights, naive rung: one weight and one slice of the pixels per invocation.
//
//   dW[kh, kw, ci, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · dY[n, oh, ow, co]
//
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung naive: The formula as it is written: an invocation owns one weight and walks over the pixels of its slice, which is a long sum, 16,384
// terms for 16 images of 32 × 32. Two loads for each multiply-add, and four divisions or remainders to find where a pixel lies, which cost more
// than the arithmetic that is wanted. That makes it the slowest of the three passes.
//
// Dispatch: grid of slices·KH·KW·CI·CO invocations, 256 to a workgroup

alias E = f32;  // as which x and dy are stored: f16 in half precision

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
  slices: u32,
  slice_pixels: u32,  // of the N·OH·OW
}

@group(0) @binding(0) var<storage, read> x: array<E>;         // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> dy: array<E>;        // [N, OH, OW, CO]
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;  // [slices, KH, KW, CI, CO]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let weights = params.kh * params.kw * params.ci * params.co;
  if (i >= params.slices * weights) { return; }
  let co = i % params.co;
  let ci = i / params.co % params.ci;
  let kw = i / (params.co * params.ci) % params.kw;
  let kh = i / (params.co * params.ci * params.kw) % params.kh;
  let first = i / weights * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);
  var sum = 0.0;
  for (var p = first; p < end; p++) {
    let ih = p / params.ow % params.oh * params.stride_h + kh * params.dilation_h - params.pad_h;
    let iw = p % params.ow * params.stride_w + kw * params.dilation_w - params.pad_w;
    if (ih >= params.h || iw >= params.w) { continue; }
    let n = p / (params.ow * params.oh);
    sum += f32(x[((n * params.h + ih) * params.w + iw) * params.ci + ci]) * f32(dy[p * params.co + co]);
  }
  dw[i] = sum;
}
