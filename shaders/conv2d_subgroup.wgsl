// 2-D convolution, subgroup rung: an implicit matrix product of pixels × taps with taps × output channels.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · W[kh, kw, ci, co]
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns 32 output pixels × 4·span output channels: each lane keeps 32
// pixels of its own four neighbouring channels in registers. A slab of X (the pixels under one tap × 4·span input channels) is loaded
// once, one vec4 per lane and pixel, by a short loop as in `matmul_subgroup.wgsl`, and handed round by subgroupShuffle.
//
// Where a step of one pixel in the output, and a step of one tap, is one in the input and both are equally wide, tap kw of pixel p reads
// what tap kw + 1 of pixel p − 1 does. A row of KW taps then shares one slab of 32 + KW − 1 pixels, `sharing` = KW ≤ 5, which moves on by
// one pixel from tap to tap; only what lies beyond an edge of the image differs, and is made zero at each tap. Elsewhere `sharing` = 1:
// each tap loads its own slab.
//
// Rung subgroup: The same product in registers, handed round by shuffles as in `matmul_subgroup.wgsl`: a vec4 of weights that a lane loads meets
// 32 pixels. Besides, the three taps of a row share one slab of pixels, which moves on by one pixel from tap to tap, so X is loaded a third as
// often. Where a load costs most, as on a software driver, this is the fastest rung by far. The input gradient at stride 1 runs it too, with the
// taps in reversed order and the weights turned.
//
// Needs: CI and CO multiples of 4. Any subgroup size.
// Dispatch: [ceil(CO / (4·span)), ceil(N·OH·OW / (32 · WORKGROUP / span)), 1]

enable subgroups;

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
  has_bias: u32,  // 1: `bias` is what to add; 2: what to add and then, behind that, what to multiply with before, as `batch_norm_fold.wgsl` gives them
  relu: u32,      // 1: ReLU follows
  span: u32,  // lanes side by side in a row of the block: a power of two
  loads: u32,  // turns that fill the slab: (ROWS + HALO) / HALO, given here so that no compiler unrolls them
  sharing: u32,  // taps of a row that share a slab: KW, or 1
  turned: u32,  // 1: of the input gradient, the weights of the convolution itself, [KH, KW, CO, CI], of which the last tap comes first
}

override WORKGROUP: u32 = 32;
const ROWS = 32u;
const HALO = 4u;  // pixels of a slab beyond the block's own, and pixels loaded in a turn

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;        // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;   // [KH, KW, CI, CO/4], or [KH, KW, CO, CI/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [CO/4] or [2, CO/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4<E>>;  // [N, OH, OW, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

// What becomes of a sum at the end: y = factor · sum + offset, or, with a ReLU behind it, max(y, 0), written so that NaN stays NaN, which max() may lose.
fn finished(sum: vec4f, factor: vec4f, offset: vec4f) -> vec4f {
  let v = sum * factor + offset;
  return select(v, vec4f(0.0), (v < vec4f(0.0)) & vec4<bool>(params.relu != 0u));
}

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
  let turned = params.turned != 0u;
  let taps = params.kh * params.kw;

  // The block's first pixel. The others follow by additions: divisions are dear where a driver takes them lane by lane.
  let image0 = row0 / (params.ow * params.oh);
  let oh0 = row0 / params.ow % params.oh;
  let ow0 = row0 % params.ow;

  var sum: array<vec4f, ROWS>;
  for (var kh = 0u; kh < params.kh; kh++) {
    for (var kw0 = 0u; kw0 < params.kw; kw0 += params.sharing) {
      for (var c0 = 0u; c0 < depth; c0 += span) {
        // Every lane takes part in the shuffles below, so loads are clamped and zeroed rather than skipped.
        let c = min(c0 + place, depth - 1u);
        // A shared slab begins pad_w pixels before the block, perhaps before the row's first; unsigned, so what is crossed upwards wraps
        // round to a large number and fails the test against H or W.
        var image = image0;
        var oh = oh0;
        var ow = ow0 - select(params.pad_w, 0u, params.sharing == 1u);
        let left = select(0u, kw0 * params.dilation_w - params.pad_w, params.sharing == 1u);
        var slab: array<vec4f, ROWS + HALO>;
        for (var load = 0u; load < params.loads; load++) {
          for (var r = 0u; r < ROWS; r++) {
            slab[r] = slab[r + HALO];
          }
          if (load * HALO < ROWS + params.sharing - 1u) {
            for (var r = 0u; r < HALO; r++) {
              let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
              let iw = ow * params.stride_w + left;
              let inside = ih < params.h && iw < params.w && image < params.n;
              let pixel = select(0u, (image * params.h + ih) * params.w + iw, inside);
              slab[ROWS + r] = select(vec4f(0.0), vec4f(x[pixel * depth + c]), inside);
              let row_ends = ow + 1u == params.ow;
              ow = select(ow + 1u, 0u, row_ends);
              oh += select(0u, 1u, row_ends);
              let image_ends = oh == params.oh;
              oh = select(oh, 0u, image_ends);
              image += select(0u, 1u, image_ends);
            }
          }
        }
        for (var s = 0u; s < params.sharing; s++) {
          let kw = kw0 + s;
          // The slab as this tap sees it, and moved on for the next.
          var tile: array<vec4f, ROWS>;
          var tile_ow = ow0;
          for (var r = 0u; r < ROWS; r++) {
            tile[r] = select(vec4f(0.0), slab[r], tile_ow * params.stride_w + kw * params.dilation_w - params.pad_w < params.w);
            tile_ow = select(tile_ow + 1u, 0u, tile_ow + 1u == params.ow);
            slab[r] = slab[r + 1u];
          }
          for (var r = ROWS; r < ROWS + HALO - 1u; r++) {
            slab[r] = slab[r + 1u];
          }
          let tap = kh * params.kw + kw;
          for (var q = 0u; q < min(span, depth - c0); q++) {
            // Four channels of the tap at the lane's four outputs: as they lie, or a square to be turned in registers.
            let own = min(column, columns - 1u);
            let place = (tap * params.ci + (c0 + q) * 4u) * columns + own;
            let turned_place = ((taps - 1u - tap) * params.co + own * 4u) * depth + c0 + q;
            let first = select(place, turned_place, turned);
            let step = select(columns, depth, turned);
            var w = mat4x4f(vec4f(weight[first]), vec4f(weight[first + step]), vec4f(weight[first + 2u * step]), vec4f(weight[first + 3u * step]));
            if (turned) { w = transpose(w); }
            for (var r = 0u; r < ROWS; r++) {
              let v = subgroupShuffle(tile[r], group + q);
              sum[r] = fma(vec4f(v.x), w[0], fma(vec4f(v.y), w[1], fma(vec4f(v.z), w[2], fma(vec4f(v.w), w[3], sum[r]))));
            }
          }
        }
      }
    }
  }

  if (column < columns) {
    var offset = vec4f(0.0);
    if (params.has_bias != 0u) { offset = bias[column]; }
    var factor = vec4f(1.0);
    if (params.has_bias == 2u) { factor = bias[columns + column]; }
    for (var r = 0u; r < ROWS && row0 + r < pixels; r++) {
      y[(row0 + r) * columns + column] = vec4<E>(finished(sum[r], factor, offset));
    }
  }
}
