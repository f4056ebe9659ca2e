// Gradient of a 2-D convolution with respect to its weights, subgroup rung for kernels three wide that keep the width of the image: stride 1 in
// width, padding 1.
//
//   dW[kh, kw, ci, co] = Σ over n, oh, ow of  X[n, oh·stride + kh − pad, ow + kw − 1, ci] · dY[n, oh, ow, co]
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns a row of three taps × 16 input channels (four vec4s) × 4·span output
// channels of dW, and walks a slice of the pixels, `span` of them at a time. Tap kw of a pixel reads what tap kw + 1 of the one before it does, so
// lane l loads pixel p0 + l under the middle tap, and the outer taps are its neighbours' values, from the block of pixels
// before and the one after where they lie there: each block is loaded once, while the one before it is at work. They are handed round by
// subgroupShuffle, so that each vec4 of dY that a lane loads meets 48 taps.
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung subgroup: What `conv2d_weight_grad_subgroup.wgsl` does, and besides the three taps of a row share what is loaded: the outer ones read their
// neighbours' registers by shuffles. A vec4 of X serves three taps, and one of dY meets 48, so with 8 lanes 1/32 of a load is left per multiply-
// add, half of what the general form needs.
//
// Needs: KW = 3, OW = W, CI and CO multiples of 4. Any subgroup size.
// Dispatch: [ceil(CO / (4·span)), ceil(KH · ceil(CI / 16) · slices / (WORKGROUP / span)), 1]

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
  stride_h: u32,
  pad_h: u32,
  slices: u32,
  slice_pixels: u32,  // of the N·OH·OW
  span: u32,  // lanes side by side in a row of the block: a power of two
}

override WORKGROUP: u32 = 32;
const QUADS = 4u;  // vec4s of input channels

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;         // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4<E>>;        // [N·OH·OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH, 3, CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  // A narrow block stands several times in the subgroup, side by side: the lanes' groups own different rows of taps or slices.
  let span = min(params.span, lanes);
  let group = lane / span * span;  // first lane of the group
  let place = lane % span;
  let depth = params.ci / 4u;
  let blocks = (depth + QUADS - 1u) / QUADS;
  let item = workgroup.y * (WORKGROUP / span) + invocation / span;
  let quad0 = item % blocks * QUADS;
  let kh = item / blocks % params.kh;
  let slice = item / (blocks * params.kh);
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.co / 4u;
  let pixels = params.n * params.oh * params.ow;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, pixels);

  // The lane's pixel in the block before the slice; whole images are added while it is reckoned, so that it cannot be negative. What lies before
  // the first image wraps round to a large number and fails the test against N.
  let area = params.oh * params.ow;
  let ahead = (span + area - 1u) / area;
  let start = min(first, pixels) + place + ahead * area - span;
  var image = start / area - ahead;
  var oh = start / params.ow % params.oh;
  var ow = start % params.ow;

  var before: array<vec4f, QUADS>;
  var here: array<vec4f, QUADS>;
  var here_ow = 0u;
  var sum: array<vec4f, 12u * QUADS>;
  // Two blocks are loaded before there is a pixel to work on with both its neighbours: the one before the slice, and its first.
  for (var p = 0u; p < params.slice_pixels + 2u * span; p += span) {
    var after: array<vec4f, QUADS>;
    let ih = oh * params.stride_h + kh - params.pad_h;
    let inside = ih < params.h && image < params.n;
    let pixel = select(0u, (image * params.h + ih) * params.w + ow, inside);
    for (var t = 0u; t < QUADS; t++) {
      after[t] = select(vec4f(0.0), vec4f(x[pixel * depth + min(quad0 + t, depth - 1u)]), inside);
    }

    if (p >= 2u * span) {
      // The block at work as the three taps see it.
      var slab: array<vec4f, 3u * QUADS>;
      for (var t = 0u; t < QUADS; t++) {
        let left = select(subgroupShuffle(here[t], max(lane, 1u) - 1u), subgroupShuffle(before[t], group + span - 1u), place == 0u);
        let right = select(subgroupShuffle(here[t], min(lane + 1u, lanes - 1u)), subgroupShuffle(after[t], group), place == span - 1u);
        slab[t] = select(vec4f(0.0), left, here_ow > 0u);
        slab[QUADS + t] = here[t];
        slab[2u * QUADS + t] = select(vec4f(0.0), right, here_ow + 1u < params.w);
      }
      let p0 = first + p - 2u * span;
      for (var q = 0u; q < span; q += 2u) {
        let p1 = p0 + q;
        let two = q + 1u < span && p1 + 1u < end;
        let d0 = select(vec4f(0.0), vec4f(dy[select(0u, p1 * columns, p1 < end) + min(column, columns - 1u)]), p1 < end);
        let d1 = select(vec4f(0.0), vec4f(dy[select(0u, (p1 + 1u) * columns, two) + min(column, columns - 1u)]), two);
        for (var t = 0u; t < 3u * QUADS; t++) {
          let v = subgroupShuffle(slab[t], group + q);
          let w = subgroupShuffle(slab[t], group + min(q + 1u, span - 1u));
          sum[t * 4u] = fma(vec4f(v.x), d0, fma(vec4f(w.x), d1, sum[t * 4u]));
          sum[t * 4u + 1u] = fma(vec4f(v.y), d0, fma(vec4f(w.y), d1, sum[t * 4u + 1u]));
          sum[t * 4u + 2u] = fma(vec4f(v.z), d0, fma(vec4f(w.z), d1, sum[t * 4u + 2u]));
          sum[t * 4u + 3u] = fma(vec4f(v.w), d0, fma(vec4f(w.w), d1, sum[t * 4u + 3u]));
        }
      }
    }

    before = here;
    here = after;
    here_ow = ow;
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
    for (var t = 0u; t < 3u * QUADS; t++) {
      let quad = quad0 + t % QUADS;
      let tap = ((slice * params.kh + kh) * 3u + t / QUADS) * params.ci + quad * 4u;
      if (quad < depth) {
        dw[tap * columns + column] = sum[t * 4u];
        dw[(tap + 1u) * columns + column] = sum[t * 4u + 1u];
        dw[(tap + 2u) * columns + column] = sum[t * 4u + 2u];
        dw[(tap + 3u) * columns + column] = sum[t * 4u + 3u];
      }
    }
  }
}
