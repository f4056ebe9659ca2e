// Gradient of a depthwise 2-D convolution with respect to its weights, vec4 rung: a window that rolls down the image.
//
//   dW[kh, kw, c] = Σ over n, oh, ow of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c] · dY[n, oh, ow, c]
//
// An invocation owns four neighbouring channels (vec4) of all taps and walks a slice of the strips: `run` rows of TILE neighbouring pixels of dY.
// It keeps the last rows of dY, so that it loads each row of X and of dY once: with kh = i·STRIDE_H + a, the rows q·STRIDE_H + a of X,
// 0 ≤ a < STRIDE_H, meet row q − i of dY.
// The arrays are as long as the longest loops over them, and the sums have a variable for each output of the tile, so that a driver unrolls the
// loops and keeps all of it in registers; what the overrides leave out vanishes.
// Slice s takes the strips from s·slice_strips on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Needs: C = CO a multiple of 4, KH and KW at most 5, strides 1 or 2, TILE at most 4; `grouped_conv2d_weight_grad_naive.wgsl` takes any.
// Taps that meet the padding only are 0.
// Dispatch: grid of slices·C/4 invocations, 32 to a workgroup

struct Params {
  h: u32,
  w: u32,
  columns: u32,   // C/4
  oh: u32,
  ow: u32,
  pad_h: u32,     // as if the first tap that is used were the window's first
  pad_w: u32,
  first_h: u32,   // the taps used are KH × KW from here on: the others meet the padding only
  first_w: u32,
  kernel_w: u32,  // of the array of weights
  kernel_h: u32,
  tiles: u32,     // ceil(OW / TILE)
  run: u32,
  runs: u32,      // ceil(OH / run)
  strips: u32,    // N·runs·tiles
  slice_strips: u32,
  slices: u32,
}

override KH: u32 = 3;
override KW: u32 = 3;
override STRIDE_H: u32 = 1;
override STRIDE_W: u32 = 1;
override TILE: u32 = 4;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;         // [N, H, W, C/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, C/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, kernel_h, kernel_w, 1, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// Four channels of each tap's gradient.
var<private> sum: array<array<vec4f, 5>, 5>;
// Rows of dY: of tile place t, i rows above the newest.
var<private> dy0: array<vec4f, 5>;
var<private> dy1: array<vec4f, 5>;
var<private> dy2: array<vec4f, 5>;
var<private> dy3: array<vec4f, 5>;

// Adds what row ih of X, one of the rows with this a, gives to its taps. first: where the row's element [iw0] of the column would lie.
fn add_products(a: u32, ih: u32, iw0: u32, first: u32) {
  var row: array<vec4f, 11>;
  for (var j = 0u; j < 11u; j++) {
    row[j] = vec4f(0.0);
    // Unsigned: before the borders wraps round to a large number.
    if (j < (TILE - 1u) * STRIDE_W + KW && ih < params.h && iw0 + j < params.w) { row[j] = x[first + j * params.columns]; }
  }
  for (var i = 0u; i < 5u; i++) {
    let kh = i * STRIDE_H + a;
    if (kh < KH) {
      for (var kw = 0u; kw < 5u; kw++) {
        if (kw < KW) {
          var total = fma(row[kw], dy0[i], sum[kh][kw]);
          if (TILE > 1u) { total = fma(row[STRIDE_W + kw], dy1[i], total); }
          if (TILE > 2u) { total = fma(row[2u * STRIDE_W + kw], dy2[i], total); }
          if (TILE > 3u) { total = fma(row[3u * STRIDE_W + kw], dy3[i], total); }
          sum[kh][kw] = total;
        }
      }
    }
  }
}

// A pixel of dY, 0 where `inside` is false.
fn gradient(at: u32, inside: bool) -> vec4f {
  var value = vec4f(0.0);
  if (inside) { value = dy[at]; }
  return value;
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let place = id.y * groups.x * 32u + id.x;
  let column = place % params.columns;
  let slice = place / params.columns;
  if (slice >= params.slices) { return; }

  let rows = (KH + STRIDE_H - 1u) / STRIDE_H;
  let end = min((slice + 1u) * params.slice_strips, params.strips);
  for (var strip = slice * params.slice_strips; strip < end; strip++) {
    let ow0 = strip % params.tiles * TILE;
    let oh0 = strip / params.tiles % params.runs * params.run;
    let n = strip / (params.tiles * params.runs);
    let last = min(params.run, params.oh - oh0);
    let iw0 = ow0 * STRIDE_W - params.pad_w;
    for (var i = 0u; i < 5u; i++) {
      dy0[i] = vec4f(0.0);
      dy1[i] = vec4f(0.0);
      dy2[i] = vec4f(0.0);
      dy3[i] = vec4f(0.0);
    }
    for (var q = 0u; q < last + rows - 1u; q++) {
      // Counting upwards: drivers unroll no loop that counts an unsigned number down.
      for (var r = 0u; r < 4u; r++) {
        let i = 4u - r;
        dy0[i] = dy0[i - 1u];
        if (TILE > 1u) { dy1[i] = dy1[i - 1u]; }
        if (TILE > 2u) { dy2[i] = dy2[i - 1u]; }
        if (TILE > 3u) { dy3[i] = dy3[i - 1u]; }
      }
      let from_dy = ((n * params.oh + oh0 + q) * params.ow + ow0) * params.columns + column;
      dy0[0] = gradient(from_dy, q < last);
      if (TILE > 1u) { dy1[0] = gradient(from_dy + params.columns, q < last && ow0 + 1u < params.ow); }
      if (TILE > 2u) { dy2[0] = gradient(from_dy + 2u * params.columns, q < last && ow0 + 2u < params.ow); }
      if (TILE > 3u) { dy3[0] = gradient(from_dy + 3u * params.columns, q < last && ow0 + 3u < params.ow); }
      let ih = (oh0 + q) * STRIDE_H - params.pad_h;
      let first = ((n * params.h + ih) * params.w + iw0) * params.columns + column;
      add_products(0u, ih, iw0, first);
      if (STRIDE_H > 1u) { add_products(1u, ih + 1u, iw0, first + params.w * params.columns); }
    }
  }

  // Every tap of the array is written; those left out are 0.
  for (var tap = 0u; tap < params.kernel_h * params.kernel_w; tap++) {
    dw[(slice * params.kernel_h * params.kernel_w + tap) * params.columns + column] = vec4f(0.0);
  }
  for (var kh = 0u; kh < 5u; kh++) {
    for (var kw = 0u; kw < 5u; kw++) {
      if (kh < KH && kw < KW) {
        let tap = (params.first_h + kh) * params.kernel_w + params.first_w + kw;
        dw[(slice * params.kernel_h * params.kernel_w + tap) * params.columns + column] = sum[kh][kw];
      }
    }
  }
}
