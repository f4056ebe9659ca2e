// Gradient of a 2-D convolution with respect to its weights, subgroup rung: an implicit matrix product of taps × pixels with pixels × output
// channels.
//
//   dW[k, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · dY[n, oh, ow, co],   k = (kh·KW + kw)·CI + ci
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns 32 taps (eight vec4s of input channels) × 4·span output
// channels of dW and walks a slice of the pixels. Lane l loads the taps of pixel p0 + l, by a short loop as in `matmul_subgroup.wgsl`; they are
// handed round by subgroupShuffle, so that each vec4 of dY that a lane loads meets 32 taps.
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung subgroup: Registers and shuffles: a lane keeps 32 taps × 4 output channels, so a vec4 of dY that it loads meets 32 taps, and what the lanes
// load of X reaches the others by subgroupShuffle. The place of a pixel moves on by additions, as divisions are slow where a driver takes them
// lane by lane.
//
// Needs: CI and CO multiples of 4. Any subgroup size.
// Dispatch: [ceil(CO / (4·span)), ceil(ceil(KH·KW·CI / 32) · slices / (WORKGROUP / span)), 1]

enable subgroups;

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
  span: u32,  // lanes side by side in a row of the block: a power of two
  loads: u32,  // turns that fill the slab: QUADS / LOADS, given here so that no compiler unrolls them
}

override WORKGROUP: u32 = 32;
const QUADS = 8u;  // vec4s of taps
const LOADS = 2u;  // of them loaded in a turn

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;         // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH, KW, CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  // A narrow block stands several times in the subgroup, side by side: the lanes' groups own different taps or slices.
  let span = min(params.span, lanes);
  let group = lane / span * span;  // first lane of the group
  let place = lane % span;
  let depth = params.ci / 4u;
  let taps = params.kh * params.kw * depth;  // in vec4s
  let blocks = (taps + QUADS - 1u) / QUADS;
  let item = workgroup.y * (WORKGROUP / span) + invocation / span;
  let tap0 = item % blocks * QUADS;
  let slice = item / blocks;
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.co / 4u;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);

  // The block's first tap. The others follow by additions: divisions are dear where a driver takes them lane by lane.
  let ci0 = tap0 % depth;
  let kw0 = tap0 / depth % params.kw;
  let kh0 = tap0 / depth / params.kw;

  // The lane's own pixel, which moves on by additions too.
  var ow = (first + place) % params.ow;
  var oh = (first + place) / params.ow % params.oh;
  var image = (first + place) / (params.ow * params.oh);

  var sum: array<vec4f, 4u * QUADS>;
  for (var p = 0u; p < params.slice_pixels; p += span) {
    let p0 = first + p;
    var slab: array<vec4f, QUADS>;
    var ci = ci0;
    var kw = kw0;
    var kh = kh0;
    for (var load = 0u; load < params.loads; load++) {
      for (var t = 0u; t < QUADS - LOADS; t++) {
        slab[t] = slab[t + LOADS];
      }
      for (var t = 0u; t < LOADS; t++) {
        // Unsigned: a border crossed upwards wraps round to a large number and fails the test against H or W.
        let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
        let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
        let inside = ih < params.h && iw < params.w && kh < params.kh && p0 + place < end;
        let pixel = select(0u, (image * params.h + ih) * params.w + iw, inside);
        slab[QUADS - LOADS + t] = select(vec4f(0.0), vec4f(x[pixel * depth + ci]), inside);
        let channels_end = ci + 1u == depth;
        ci = select(ci + 1u, 0u, channels_end);
        kw += select(0u, 1u, channels_end);
        let row_ends = kw == params.kw;
        kw = select(kw, 0u, row_ends);
        kh += select(0u, 1u, row_ends);
      }
    }
    for (var q = 0u; q < span; q++) {
      // Beyond the slice's end the slab is zero, and what it is multiplied with is of no account.
      let d = vec4f(dy[min(p0 + q, max(end, 1u) - 1u) * columns + min(column, columns - 1u)]);
      for (var t = 0u; t < QUADS; t++) {
        let v = subgroupShuffle(slab[t], group + q);
        sum[t * 4u] = fma(vec4f(v.x), d, sum[t * 4u]);
        sum[t * 4u + 1u] = fma(vec4f(v.y), d, sum[t * 4u + 1u]);
        sum[t * 4u + 2u] = fma(vec4f(v.z), d, sum[t * 4u + 2u]);
        sum[t * 4u + 3u] = fma(vec4f(v.w), d, sum[t * 4u + 3u]);
      }
    }
    ow += span;
    while (ow >= params.ow) {
      ow -= params.ow;
      oh++;
      if (oh == params.oh) {
        oh = 0u;
        image++;
      }
    }
  }

  if (column < columns && slice < params.slices) {
    for (var r = 0u; r < 4u * QUADS && tap0 * 4u + r < taps * 4u; r++) {
      dw[((slice * taps + tap0) * 4u + r) * columns + column] = sum[r];
    }
  }
}
