// Depthwise 2-D convolution, subgroup rung: a row of the image lies in the lanes. Each output channel sees the input channel of its number.
//
//   Y[n, oh, ow, c] = bias[c] + Σ over kh, kw of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c] · W[kh, kw, c]
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns four neighbouring channels (vec4) of `images` images and walks down them.
// Lane p holds the columns from p·STRIDE_W·OUTPUTS on of a row of X, and makes the outputs from p·OUTPUTS on; what lies beside its columns comes by
// subgroupShuffle, and the outputs under way are kept, so that each element of X is loaded once.
// After the rows t·STRIDE_H + b of X, 0 ≤ b < STRIDE_H, row t − BEHIND of Y is done, and row t + AHEAD the newest that they met.
// With TURNED = 1 the taps are taken from the last to the first: at stride 1 that makes dX of dY.
// The arrays are as long as the longest loops over them, so that a driver unrolls the loops; what the overrides leave out vanishes.
//
// Needs: C = CO a multiple of 4, KH and KW at most 5, strides 1 or 2, less padding than taps, OUTPUTS 1, 2 or 4, span·OUTPUTS ≥ OW,
// span·OUTPUTS·STRIDE_W ≥ W, no subgroup smaller than span; `depthwise_conv2d_vec4.wgsl` takes any width.
// Dispatch: grid of ceil(N / images)·C/4 groups of span lanes, WORKGROUP lanes to a workgroup

enable subgroups;

struct Params {
  n: u32,
  h: u32,
  w: u32,
  columns: u32,   // C/4
  oh: u32,
  ow: u32,
  first_h: u32,   // the taps used are KH × KW from here on: the others meet the padding only
  first_w: u32,
  kernel_w: u32,  // of the array of weights
  images: u32,
  span: u32,      // lanes that a row lies in: a power of two
  has_bias: u32,
}

override KH: u32 = 3;
override KW: u32 = 3;
override STRIDE_H: u32 = 1;
override STRIDE_W: u32 = 1;
override PAD_H: u32 = 1;    // as if the first tap that is used were the window's first
override PAD_W: u32 = 1;
override OUTPUTS: u32 = 1;  // side by side, of a lane
override FLUSH: u32 = 1;    // rows of Y under way after the last row of X
override TURNED: u32 = 0;
override WORKGROUP: u32 = 32;

override HELD = OUTPUTS * STRIDE_W;  // columns of X in a lane
override AHEAD = (STRIDE_H - 1u + PAD_H) / STRIDE_H;
override BEHIND = (KH - 1u - PAD_H) / STRIDE_H;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [N, H, W, C/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;   // [·, kernel_w, 1, C/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [C/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;  // [N, OH, OW, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// Four channels of each tap.
var<private> taps: array<array<vec4f, 5>, 5>;
// The outputs under way: of place m in the lane, i rows above the newest.
var<private> sum0: array<vec4f, 5>;
var<private> sum1: array<vec4f, 5>;
var<private> sum2: array<vec4f, 5>;
var<private> sum3: array<vec4f, 5>;

// Adds row b of a step to the outputs under way. place: of the lane in its group; first: where the row's first element of the channels lies.
fn add_row(b: u32, inside: bool, first: u32, place: u32, lane: u32, lanes: u32) {
  var held: array<vec4f, 8>;
  for (var j = 0u; j < 8u; j++) {
    held[j] = vec4f(0.0);
    if (j < HELD) {
      let iw = place * HELD + j;
      if (inside && iw < params.w) { held[j] = x[first + iw * params.columns]; }
    }
  }
  // The columns that the lane's outputs see, from PAD_W before its own on.
  var row: array<vec4f, 11>;
  for (var j = 0u; j < 11u; j++) {
    if (j < (OUTPUTS - 1u) * STRIDE_W + KW) {
      // Four lanes further to the right, so that it cannot be negative.
      let column = j + 4u * HELD - PAD_W;
      let shift = column / HELD;
      let value = held[column % HELD];
      if (shift == 4u) {
        row[j] = value;
      } else {
        let beside = subgroupShuffle(value, (lane + shift - 4u) & (lanes - 1u));
        row[j] = select(vec4f(0.0), beside, place + shift - 4u < params.span);
      }
    }
  }
  for (var i = 0u; i < 5u; i++) {
    // Unsigned: before the first tap wraps round to a large number.
    let kh = b + PAD_H + i * STRIDE_H - AHEAD * STRIDE_H;
    if (kh < KH) {
      for (var kw = 0u; kw < 5u; kw++) {
        if (kw < KW) {
          let tap = taps[kh][kw];
          sum0[i] = fma(row[kw], tap, sum0[i]);
          if (OUTPUTS > 1u) { sum1[i] = fma(row[STRIDE_W + kw], tap, sum1[i]); }
          if (OUTPUTS > 2u) {
            sum2[i] = fma(row[2u * STRIDE_W + kw], tap, sum2[i]);
            sum3[i] = fma(row[3u * STRIDE_W + kw], tap, sum3[i]);
          }
        }
      }
    }
  }
}

// Writes the outputs i rows above the newest, those among them that exist.
fn put(i: u32, inside: bool, first: u32, ow0: u32, offset: vec4f) {
  let at = first + ow0 * params.columns;
  if (inside && ow0 < params.ow) { y[at] = sum0[i] + offset; }
  if (OUTPUTS > 1u && inside && ow0 + 1u < params.ow) { y[at + params.columns] = sum1[i] + offset; }
  if (OUTPUTS > 2u && inside && ow0 + 2u < params.ow) { y[at + 2u * params.columns] = sum2[i] + offset; }
  if (OUTPUTS > 2u && inside && ow0 + 3u < params.ow) { y[at + 3u * params.columns] = sum3[i] + offset; }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  let place = lane % params.span;
  let group = (workgroup.y * groups.x + workgroup.x) * (WORKGROUP / params.span) + invocation / params.span;
  let column = group % params.columns;
  let n0 = group / params.columns * params.images;
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

  let steps = (params.h + STRIDE_H - 1u) / STRIDE_H;
  let row = params.w * params.columns;
  let row_out = params.ow * params.columns;
  let ow0 = place * OUTPUTS;
  // Every lane takes part in the shuffles, whether its group has an image or not.
  for (var k = 0u; k < params.images; k++) {
    let live = n0 + k < params.n;
    let source = (n0 + k) * params.h * row + column;
    let destination = (n0 + k) * params.oh * row_out + column;
    for (var i = 0u; i < 5u; i++) {
      sum0[i] = vec4f(0.0);
      sum1[i] = vec4f(0.0);
      sum2[i] = vec4f(0.0);
      sum3[i] = vec4f(0.0);
    }
    for (var t = 0u; t < steps; t++) {
      let ih = t * STRIDE_H;
      add_row(0u, live, source + ih * row, place, lane, lanes);
      if (STRIDE_H > 1u) { add_row(1u, live && ih + 1u < params.h, source + (ih + 1u) * row, place, lane, lanes); }
      put(AHEAD + BEHIND, live && t - BEHIND < params.oh, destination + (t - BEHIND) * row_out, ow0, offset);
      // Counting upwards: drivers unroll no loop that counts an unsigned number down.
      for (var r = 0u; r < 4u; r++) {
        let i = 4u - r;
        sum0[i] = sum0[i - 1u];
        if (OUTPUTS > 1u) { sum1[i] = sum1[i - 1u]; }
        if (OUTPUTS > 2u) {
          sum2[i] = sum2[i - 1u];
          sum3[i] = sum3[i - 1u];
        }
      }
      sum0[0] = vec4f(0.0);
      sum1[0] = vec4f(0.0);
      sum2[0] = vec4f(0.0);
      sum3[0] = vec4f(0.0);
    }
    for (var f = 0u; f < 4u; f++) {
      if (f < FLUSH) {
        put(AHEAD + BEHIND - f, live, destination + (steps - BEHIND + f) * row_out, ow0, offset);
      }
    }
  }
}
