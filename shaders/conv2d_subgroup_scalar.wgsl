// 2-D convolution, subgroup rung for any number of input channels: the first layer's 3, above all.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over k of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · W[k, co],   k = (kh·KW + kw)·CI + ci
//
// As `conv2d_subgroup.wgsl`, but a lane loads single elements of X: lane l holds those of tap k0 + l, so taps and channels run on without
// a gap and nothing is padded. Each tap loads its own slab.
//
// Rung subgroup: As `conv2d_subgroup.wgsl` for inputs of 3 channels, where a vec4 of channels would be a quarter empty: a lane loads single
// elements, each of another tap, and taps and channels run on without a gap. The loads per multiply-add are those of the vec4 form; each brings
// one number, not four, so it reaches less of the peak.
//
// Needs: CO a multiple of 4. Any CI, any subgroup size.
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
  loads: u32,  // turns that fill the slab: ROWS / LOADS, given here so that no compiler unrolls them
}

override WORKGROUP: u32 = 32;
const ROWS = 32u;
const LOADS = 8u;  // pixels loaded in a turn

@group(0) @binding(0) var<storage, read> x: array<E>;          // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;   // [KH·KW·CI, CO/4]
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
  let depth = params.kh * params.kw * params.ci;

  // The block's first pixel. The others follow by additions: divisions are dear where a driver takes them lane by lane.
  let image0 = row0 / (params.ow * params.oh);
  let oh0 = row0 / params.ow % params.oh;
  let ow0 = row0 % params.ow;

  var sum: array<vec4f, ROWS>;
  for (var k0 = 0u; k0 < depth; k0 += span) {
    // Every lane takes part in the shuffles below, so loads are clamped and zeroed rather than skipped.
    let k = min(k0 + place, depth - 1u);
    let ci = k % params.ci;
    let kh = k / params.ci / params.kw;
    let kw = k / params.ci % params.kw;
    // Unsigned: a border crossed upwards wraps round to a large number and fails the test against H or W.
    var image = image0;
    var oh = oh0;
    var ow = ow0;
    var slab: array<f32, ROWS>;
    for (var load = 0u; load < params.loads; load++) {
      for (var r = 0u; r < ROWS - LOADS; r++) {
        slab[r] = slab[r + LOADS];
      }
      for (var r = 0u; r < LOADS; r++) {
        let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
        let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
        let inside = ih < params.h && iw < params.w && image < params.n;
        let pixel = select(0u, (image * params.h + ih) * params.w + iw, inside);
        slab[ROWS - LOADS + r] = select(0.0, f32(x[pixel * params.ci + ci]), inside);
        let row_ends = ow + 1u == params.ow;
        ow = select(ow + 1u, 0u, row_ends);
        oh += select(0u, 1u, row_ends);
        let image_ends = oh == params.oh;
        oh = select(oh, 0u, image_ends);
        image += select(0u, 1u, image_ends);
      }
    }
    for (var q = 0u; q < min(span, depth - k0); q++) {
      let w = vec4f(weight[(k0 + q) * columns + min(column, columns - 1u)]);
      for (var r = 0u; r < ROWS; r++) {
        sum[r] = fma(vec4f(subgroupShuffle(slab[r], group + q)), w, sum[r]);
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
