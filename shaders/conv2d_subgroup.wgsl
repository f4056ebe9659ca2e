// 2-D convolution, subgroup rung: an implicit matrix product of pixels × taps with taps × output channels.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · W[kh, kw, ci, co]
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns 16 output pixels × 4·span output channels: each lane keeps 16
// pixels of its own four neighbouring channels in registers. Tap by tap, a slab of X (16 pixels × 4·span input channels) is loaded
// once, one vec4 per lane and pixel, and handed round by subgroupShuffle, as in `matmul_subgroup.wgsl`.
//
// Needs: CI and CO multiples of 4. Any subgroup size.
// Dispatch: [ceil(CO / (4·span)), ceil(N·OH·OW / (16 · WORKGROUP / span)), 1]

enable subgroups;

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
  has_bias: u32,
  span: u32,  // lanes side by side in a row of the block: a power of two
}

override WORKGROUP: u32 = 32;
const ROWS = 16u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;   // [KH, KW, CI, CO/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [CO/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N, OH, OW, CO/4]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  // A narrow block stands several times in the subgroup, side by side: the lanes' groups own different rows.
  let span = min(params.span, lanes);
  let group = lane / span * span;  // first lane of the group
  let place = lane % span;
  let row0 = (workgroup.y * (WORKGROUP / span) + invocation / span) * ROWS;
  let column = workgroup.x * span + place;  // in vec4s
  let pixels = params.n * params.oh * params.ow;
  let columns = params.co / 4u;
  let depth = params.ci / 4u;

  // Where the window of each output pixel begins; unsigned, so a border crossed upwards wraps round to a large number.
  var image: array<u32, ROWS>;
  var top: array<u32, ROWS>;
  var left: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    let p = min(row0 + r, pixels - 1u);
    image[r] = p / (params.ow * params.oh) * params.h;
    top[r] = p / params.ow % params.oh * params.stride_h - params.pad_h;
    left[r] = p % params.ow * params.stride_w - params.pad_w;
  }

  var sum: array<vec4f, ROWS>;
  for (var kh = 0u; kh < params.kh; kh++) {
    for (var kw = 0u; kw < params.kw; kw++) {
      let tap = (kh * params.kw + kw) * params.ci;
      for (var c0 = 0u; c0 < depth; c0 += span) {
        // Every lane takes part in the shuffles below, so loads are clamped and zeroed rather than skipped.
        let c = min(c0 + place, depth - 1u);
        var slab: array<vec4f, ROWS>;
        for (var r = 0u; r < ROWS; r++) {
          let ih = top[r] + kh;
          let iw = left[r] + kw;
          let inside = ih < params.h && iw < params.w;
          let pixel = (image[r] + select(0u, ih, inside)) * params.w + select(0u, iw, inside);
          slab[r] = select(vec4f(0.0), x[pixel * depth + c], inside);
        }
        for (var q = 0u; q < min(span, depth - c0); q++) {
          let first = (tap + (c0 + q) * 4u) * columns + min(column, columns - 1u);
          let w0 = weight[first];
          let w1 = weight[first + columns];
          let w2 = weight[first + 2u * columns];
          let w3 = weight[first + 3u * columns];
          for (var r = 0u; r < ROWS; r++) {
            let v = subgroupShuffle(slab[r], group + q);
            sum[r] = fma(vec4f(v.x), w0, fma(vec4f(v.y), w1, fma(vec4f(v.z), w2, fma(vec4f(v.w), w3, sum[r]))));
          }
        }
      }
    }
  }

  if (column < columns) {
    var offset = vec4f(0.0);
    if (params.has_bias != 0u) { offset = bias[column]; }
    for (var r = 0u; r < ROWS && row0 + r < pixels; r++) {
      y[(row0 + r) * columns + column] = sum[r] + offset;
    }
  }
}
