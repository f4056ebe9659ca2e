// Depthwise 2-D convolution, vec4 rung: a window that rolls down the image. Each output channel sees the input channel of its number.
//
//   Y[n, oh, ow, c] = bias[c] + Σ over kh, kw of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c] · W[kh, kw, c]
//
// An invocation owns four neighbouring channels (vec4) and TILE neighbouring outputs of a row, and walks down `run` rows of `images` images.
// It keeps the weights and the outputs under way, so that it loads each row of X once: with kh = i·STRIDE_H + a, the rows
// q·STRIDE_H + a of X, 0 ≤ a < STRIDE_H, add to the outputs in row q − i; after them row q − (ROWS − 1) is done.
// With TURNED = 1 the taps are taken from the last to the first: at stride 1 that makes dX of dY.
// The arrays are as long as the longest loops over them, and the sums have a variable for each output of the tile, so that a driver unrolls the
// loops and keeps all of it in registers; what the overrides leave out vanishes.
//
// Needs: C = CO a multiple of 4, KH and KW at most 5, strides 1 or 2, TILE at most 4; `grouped_conv2d_naive.wgsl` takes any.
// Dispatch: grid of ceil(N / images)·ceil(OH / run)·ceil(OW / TILE)·C/4 invocations, 64 to a workgroup

struct Params {
  n: u32,
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
  tiles: u32,     // ceil(OW / TILE)
  run: u32,
  runs: u32,      // ceil(OH / run)
  images: u32,
  has_bias: u32,
}

override KH: u32 = 3;
override KW: u32 = 3;
override STRIDE_H: u32 = 1;
override STRIDE_W: u32 = 1;
override TILE: u32 = 4;
override TURNED: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [N, H, W, C/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;   // [·, kernel_w, 1, C/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [C/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N, OH, OW, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// Four channels of each tap.
var<private> taps: array<array<vec4f, 5>, 5>;
// The outputs under way: of tile place t, i rows above the newest.
var<private> sum0: array<vec4f, 5>;
var<private> sum1: array<vec4f, 5>;
var<private> sum2: array<vec4f, 5>;
var<private> sum3: array<vec4f, 5>;

// Adds row ih of X, one of the rows with this a, to the outputs under way. first: where the row's element [iw0] of the column would lie.
fn add_row(a: u32, ih: u32, iw0: u32, first: u32) {
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
          let tap = taps[kh][kw];
          sum0[i] = fma(row[kw], tap, sum0[i]);
          if (TILE > 1u) { sum1[i] = fma(row[STRIDE_W + kw], tap, sum1[i]); }
          if (TILE > 2u) { sum2[i] = fma(row[2u * STRIDE_W + kw], tap, sum2[i]); }
          if (TILE > 3u) { sum3[i] = fma(row[3u * STRIDE_W + kw], tap, sum3[i]); }
        }
      }
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let place = id.y * groups.x * 64u + id.x;
  let column = place % params.columns;
  let ow0 = place / params.columns % params.tiles * TILE;
  let oh0 = place / (params.columns * params.tiles) % params.runs * params.run;
  let n0 = place / (params.columns * params.tiles * params.runs) * params.images;
  if (n0 >= params.n) { return; }
  for (var kh = 0u; kh < 5u; kh++) {
    for (var kw = 0u; kw < 5u; kw++) {
      if (kh < KH && kw < KW) {
        let from_h = params.first_h + select(kh, KH - 1u - kh, TURNED == 1u);
        let from_w = params.first_w + select(kw, KW - 1u - kw, TURNED == 1u);
        taps[kh][kw] = weight[(from_h * params.kernel_w + from_w) * params.columns + column];
      }
    }
  }
  var offset = vec4f(0.0);
  if (params.has_bias != 0u) { offset = bias[column]; }

  let rows = (KH + STRIDE_H - 1u) / STRIDE_H;
  let steps = min(params.run, params.oh - oh0) + rows - 1u;
  let iw0 = ow0 * STRIDE_W - params.pad_w;
  for (var n = n0; n < min(n0 + params.images, params.n); n++) {
    for (var i = 0u; i < 5u; i++) {
      sum0[i] = vec4f(0.0);
      sum1[i] = vec4f(0.0);
      sum2[i] = vec4f(0.0);
      sum3[i] = vec4f(0.0);
    }
    for (var q = 0u; q < steps; q++) {
      let ih = (oh0 + q) * STRIDE_H - params.pad_h;
      let first = ((n * params.h + ih) * params.w + iw0) * params.columns + column;
      add_row(0u, ih, iw0, first);
      if (STRIDE_H > 1u) { add_row(1u, ih + 1u, iw0, first + params.w * params.columns); }
      if (q + 1u >= rows) {
        let to = ((n * params.oh + oh0 + q + 1u - rows) * params.ow + ow0) * params.columns + column;
        y[to] = sum0[rows - 1u] + offset;
        if (TILE > 1u && ow0 + 1u < params.ow) { y[to + params.columns] = sum1[rows - 1u] + offset; }
        if (TILE > 2u && ow0 + 2u < params.ow) { y[to + 2u * params.columns] = sum2[rows - 1u] + offset; }
        if (TILE > 3u && ow0 + 3u < params.ow) { y[to + 3u * params.columns] = sum3[rows - 1u] + offset; }
      }
      // Counting upwards: drivers unroll no loop that counts an unsigned number down.
      for (var r = 0u; r < 4u; r++) {
        let i = 4u - r;
        sum0[i] = sum0[i - 1u];
        if (TILE > 1u) { sum1[i] = sum1[i - 1u]; }
        if (TILE > 2u) { sum2[i] = sum2[i - 1u]; }
        if (TILE > 3u) { sum3[i] = sum3[i - 1u]; }
      }
      sum0[0] = vec4f(0.0);
      sum1[0] = vec4f(0.0);
      sum2[0] = vec4f(0.0);
      sum3[0] = vec4f(0.0);
    }
  }
}
