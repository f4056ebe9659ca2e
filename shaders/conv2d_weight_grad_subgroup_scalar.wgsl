// Gradient of a 2-D convolution with respect to its weights, subgroup rung for any number of input channels: the first layer's 3, above all.
//
//   dW[k, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · dY[n, oh, ow, co],   k = (kh·KW + kw)·CI + ci
//
// As `conv2d_weight_grad_subgroup.wgsl`, but the 32 taps of a group are single elements of X, which may lie in different pixels.
//
// Rung subgroup: As `conv2d_weight_grad_subgroup.wgsl` for inputs of 3 channels: a lane loads single elements, so taps and channels run on without
// a gap. A first layer has few taps, so the long sum over the pixels is cut into more slices to give the device enough to do.
//
// Needs: CO a multiple of 4. Any CI, any subgroup size.
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
  loads: u32,  // turns that fill the slab: TAPS / LOADS, given here so that no compiler unrolls them
}

override WORKGROUP: u32 = 32;
const TAPS = 32u;
const LOADS = 8u;  // taps loaded in a turn

@group(0) @binding(0) var<storage, read> x: array<E>;           // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH·KW·CI, CO/4]
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
  let taps = params.kh * params.kw * params.ci;
  let blocks = (taps + TAPS - 1u) / TAPS;
  let item = workgroup.y * (WORKGROUP / span) + invocation / span;
  let tap0 = item % blocks * TAPS;
  let slice = item / blocks;
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.co / 4u;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);

  // The block's first tap. The others follow by additions.
  let ci0 = tap0 % params.ci;
  let kw0 = tap0 / params.ci % params.kw;
  let kh0 = tap0 / params.ci / params.kw;

  // The lane's own pixel. It moves on by additions: divisions are dear where a driver takes them lane by lane.
  var ow = (first + place) % params.ow;
  var oh = (first + place) / params.ow % params.oh;
  var image = (first + place) / (params.ow * params.oh);

  var sum: array<vec4f, TAPS>;
  for (var p = 0u; p < params.slice_pixels; p += span) {
    let p0 = first + p;
    var slab: array<f32, TAPS>;
    var ci = ci0;
    var kw = kw0;
    var kh = kh0;
    for (var load = 0u; load < params.loads; load++) {
      for (var t = 0u; t < TAPS - LOADS; t++) {
        slab[t] = slab[t + LOADS];
      }
      for (var t = 0u; t < LOADS; t++) {
        // Unsigned: a border crossed upwards wraps round to a large number and fails the test against H or W.
        let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
        let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
        let inside = ih < params.h && iw < params.w && kh < params.kh && p0 + place < end;
        let pixel = select(0u, (image * params.h + ih) * params.w + iw, inside);
        slab[TAPS - LOADS + t] = select(0.0, f32(x[pixel * params.ci + ci]), inside);
        let channels_end = ci + 1u == params.ci;
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
      for (var t = 0u; t < TAPS; t++) {
        sum[t] = fma(vec4f(subgroupShuffle(slab[t], group + q)), d, sum[t]);
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
    for (var t = 0u; t < TAPS && tap0 + t < taps; t++) {
      dw[(slice * taps + tap0 + t) * columns + column] = sum[t];
    }
  }
}
