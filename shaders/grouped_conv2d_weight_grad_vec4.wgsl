// Gradient of a grouped 2-D convolution with respect to its weights, vec4 rung: four input channels × four output channels of a tap, and one
// slice of the pixels, per invocation.
//
//   dW[kh, kw, j, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, g·CI/G + j] · dY[n, oh, ow, co]
//     where g = ⌊co / (CO/G)⌋ is the group of the output channel
//
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
// Needs: CI/G and CO/G multiples of 4; `grouped_conv2d_weight_grad_naive.wgsl` takes any.
// Dispatch: grid of slices·KH·KW·CI/(4·G)·CO/4 invocations, 256 to a workgroup

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
  slices: u32,
  slice_pixels: u32,  // of the N·OH·OW
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;         // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH, KW, CI/G, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let columns = params.co / 4u;
  let inputs = params.ci / 4u;
  let depth = inputs / params.groups;
  let blocks = params.kh * params.kw * depth * columns;
  if (i >= params.slices * blocks) { return; }
  let co = i % columns;  // in vec4s, as are j and ci
  let j = i / columns % depth;
  let ci = co / (columns / params.groups) * depth + j;
  let kw = i / (columns * depth) % params.kw;
  let kh = i / (columns * depth * params.kw) % params.kh;
  let slice = i / blocks;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);
  var sum: array<vec4f, 4>;
  for (var p = first; p < end; p++) {
    let ih = p / params.ow % params.oh * params.stride_h + kh * params.dilation_h - params.pad_h;
    let iw = p % params.ow * params.stride_w + kw * params.dilation_w - params.pad_w;
    if (ih >= params.h || iw >= params.w) { continue; }
    let n = p / (params.ow * params.oh);
    let v = x[((n * params.h + ih) * params.w + iw) * inputs + ci];
    let d = dy[p * columns + co];
    sum[0] += v.x * d;
    sum[1] += v.y * d;
    sum[2] += v.z * d;
    sum[3] += v.w * d;
  }
  let row = ((slice * params.kh + kh) * params.kw + kw) * depth + j;
  for (var r = 0u; r < 4u; r++) {
    dw[(row * 4u + r) * columns + co] = sum[r];
  }
}
