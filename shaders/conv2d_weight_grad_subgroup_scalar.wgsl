// Gradient of a 2-D convolution with respect to its weights, subgroup rung for any number of input channels: the first layer's 3, above all.
//
//   dW[k, co] = Σ over n, oh, ow of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · dY[n, oh, ow, co],   k = (kh·KW + kw)·CI + ci
//
// As `conv2d_weight_grad_subgroup.wgsl`, but the 8 taps of a subgroup are single elements of X, which may lie in different pixels.
//
// Needs: CO a multiple of 4. Any CI, any subgroup size.
// Dispatch: [ceil(CO / (4·span)), ceil(KH·KW·CI / (8 · WORKGROUP / span)), slices]

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
  slices: u32,
  slice_pixels: u32,  // of the N·OH·OW
  span: u32,  // lanes side by side in a row of the block: a power of two
}

override WORKGROUP: u32 = 32;
const TAPS = 8u;

@group(0) @binding(0) var<storage, read> x: array<f32>;           // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH·KW·CI, CO/4]
@group(0) @binding(3) var<uniform> params: Params;

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
  let tap0 = (workgroup.y * (WORKGROUP / span) + invocation / span) * TAPS;
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.co / 4u;
  let taps = params.kh * params.kw * params.ci;
  let first = workgroup.z * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);

  var kh: array<u32, TAPS>;
  var kw: array<u32, TAPS>;
  var ci: array<u32, TAPS>;
  for (var t = 0u; t < TAPS; t++) {
    let tap = min(tap0 + t, taps - 1u);
    ci[t] = tap % params.ci;
    kw[t] = tap / params.ci % params.kw - params.pad_w;
    kh[t] = tap / params.ci / params.kw - params.pad_h;
  }

  // The lane's own pixel. It moves on by additions: divisions are dear where a driver takes them lane by lane.
  var ow = (first + place) % params.ow;
  var oh = (first + place) / params.ow % params.oh;
  var image = (first + place) / (params.ow * params.oh);

  var sum: array<vec4f, TAPS>;
  for (var p0 = first; p0 < end; p0 += span) {
    var slab: array<f32, TAPS>;
    for (var t = 0u; t < TAPS; t++) {
      let ih = oh * params.stride_h + kh[t];
      let iw = ow * params.stride_w + kw[t];
      let inside = ih < params.h && iw < params.w && p0 + place < end;
      let pixel = select(0u, (image * params.h + ih) * params.w + iw, inside);
      slab[t] = select(0.0, x[pixel * params.ci + ci[t]], inside);
    }
    for (var q = 0u; q < min(span, end - p0); q++) {
      let d = dy[(p0 + q) * columns + min(column, columns - 1u)];
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

  if (column < columns) {
    for (var t = 0u; t < TAPS && tap0 + t < taps; t++) {
      dw[(workgroup.z * taps + tap0 + t) * columns + column] = sum[t];
    }
  }
}
