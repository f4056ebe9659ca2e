// Gradient of a depthwise 2-D convolution with respect to its weights, subgroup rung: a row of the image lies in the lanes.
//
//   dW[kh, kw, c] = Σ over n, oh, ow of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c] · dY[n, oh, ow, c]
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns four neighbouring channels (vec4) of all taps and walks down the images of a
// slice. Lane p holds the columns from p·STRIDE_W·OUTPUTS on of a row of X, and those from p·OUTPUTS on of a row of dY; what lies beside its columns of
// X comes by subgroupShuffle, and the last rows of dY are kept, so that each element of X and of dY is loaded once. In the end the lanes add up what
// they have, in a fixed order.
// The rows t·STRIDE_H + b of X, 0 ≤ b < STRIDE_H, meet the rows of dY up to t + AHEAD.
// The arrays are as long as the longest loops over them, so that a driver unrolls the loops; what the overrides leave out vanishes.
// Slice s takes the images from s·images on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Needs: C = CO a multiple of 4, KH and KW at most 5, strides 1 or 2, less padding than taps, OUTPUTS 1, 2 or 4, span·OUTPUTS ≥ OW,
// span·OUTPUTS·STRIDE_W ≥ W, no subgroup smaller than span; `depthwise_conv2d_weight_grad_vec4.wgsl` takes any width.
// Taps that meet the padding only are 0.
// Dispatch: grid of slices·C/4 groups of span lanes, WORKGROUP lanes to a workgroup

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
  kernel_h: u32,
  images: u32,    // of a slice
  slices: u32,
  span: u32,      // lanes that a row lies in: a power of two
}

override KH: u32 = 3;
override KW: u32 = 3;
override STRIDE_H: u32 = 1;
override STRIDE_W: u32 = 1;
override PAD_H: u32 = 1;    // as if the first tap that is used were the window's first
override PAD_W: u32 = 1;
override OUTPUTS: u32 = 1;  // columns of dY in a lane
override WORKGROUP: u32 = 32;

override HELD = OUTPUTS * STRIDE_W;  // columns of X in a lane
override AHEAD = (STRIDE_H - 1u + PAD_H) / STRIDE_H;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;         // [N, H, W, C/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, C/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, kernel_h, kernel_w, 1, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// Four channels of each tap's gradient.
var<private> sum: array<array<vec4f, 5>, 5>;
// Rows of dY: of place m in the lane, i rows above the newest.
var<private> dy0: array<vec4f, 5>;
var<private> dy1: array<vec4f, 5>;
var<private> dy2: array<vec4f, 5>;
var<private> dy3: array<vec4f, 5>;

// Adds what row b of a step gives to its taps. place: of the lane in its group; first: where the row's first element of the channels lies.
fn add_products(b: u32, inside: bool, first: u32, place: u32, lane: u32, lanes: u32) {
  var held: array<vec4f, 8>;
  for (var j = 0u; j < 8u; j++) {
    held[j] = vec4f(0.0);
    if (j < HELD) {
      let iw = place * HELD + j;
      if (inside && iw < params.w) { held[j] = x[first + iw * params.columns]; }
    }
  }
  // The columns that meet the lane's columns of dY, from PAD_W before its own on.
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
          var total = fma(row[kw], dy0[i], sum[kh][kw]);
          if (OUTPUTS > 1u) { total = fma(row[STRIDE_W + kw], dy1[i], total); }
          if (OUTPUTS > 2u) {
            total = fma(row[2u * STRIDE_W + kw], dy2[i], total);
            total = fma(row[3u * STRIDE_W + kw], dy3[i], total);
          }
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

// Moves the rows of dY on by one and loads the newest. first: where its first element of the channels lies.
fn next_row(inside: bool, first: u32, ow0: u32) {
  // Counting upwards: drivers unroll no loop that counts an unsigned number down.
  for (var r = 0u; r < 4u; r++) {
    let i = 4u - r;
    dy0[i] = dy0[i - 1u];
    if (OUTPUTS > 1u) { dy1[i] = dy1[i - 1u]; }
    if (OUTPUTS > 2u) {
      dy2[i] = dy2[i - 1u];
      dy3[i] = dy3[i - 1u];
    }
  }
  let at = first + ow0 * params.columns;
  dy0[0] = gradient(at, inside && ow0 < params.ow);
  if (OUTPUTS > 1u) { dy1[0] = gradient(at + params.columns, inside && ow0 + 1u < params.ow); }
  if (OUTPUTS > 2u) {
    dy2[0] = gradient(at + 2u * params.columns, inside && ow0 + 2u < params.ow);
    dy3[0] = gradient(at + 3u * params.columns, inside && ow0 + 3u < params.ow);
  }
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
  let slice = group / params.columns;

  let steps = (params.h + STRIDE_H - 1u) / STRIDE_H;
  let row = params.w * params.columns;
  let row_out = params.ow * params.columns;
  let ow0 = place * OUTPUTS;
  // Every lane takes part in the shuffles, whether its group has an image or not.
  for (var k = 0u; k < params.images; k++) {
    let n = slice * params.images + k;
    let live = n < params.n;
    let from_x = n * params.h * row + column;
    let from_dy = n * params.oh * row_out + column;
    for (var i = 0u; i < 5u; i++) {
      dy0[i] = vec4f(0.0);
      dy1[i] = vec4f(0.0);
      dy2[i] = vec4f(0.0);
      dy3[i] = vec4f(0.0);
    }
    for (var oh = 0u; oh < 4u; oh++) {
      if (oh < AHEAD) { next_row(live && oh < params.oh, from_dy + oh * row_out, ow0); }
    }
    for (var t = 0u; t < steps; t++) {
      let oh = t + AHEAD;
      next_row(live && oh < params.oh, from_dy + oh * row_out, ow0);
      let ih = t * STRIDE_H;
      add_products(0u, live, from_x + ih * row, place, lane, lanes);
      if (STRIDE_H > 1u) { add_products(1u, live && ih + 1u < params.h, from_x + (ih + 1u) * row, place, lane, lanes); }
    }
  }

  for (var reach = 1u; reach < params.span; reach *= 2u) {
    for (var kh = 0u; kh < 5u; kh++) {
      for (var kw = 0u; kw < 5u; kw++) {
        if (kh < KH && kw < KW) { sum[kh][kw] += subgroupShuffle(sum[kh][kw], lane ^ reach); }
      }
    }
  }
  if (place > 0u || slice >= params.slices) { return; }
  let first = slice * params.kernel_h * params.kernel_w;
  // Every tap of the array is written; those left out are 0.
  let area = params.kernel_h * params.kernel_w;
  for (var tap = select(0u, area, area == KH * KW); tap < area; tap++) {
    dw[(first + tap) * params.columns + column] = vec4f(0.0);
  }
  for (var kh = 0u; kh < 5u; kh++) {
    for (var kw = 0u; kw < 5u; kw++) {
      if (kh < KH && kw < KW) {
        let tap = (params.first_h + kh) * params.kernel_w + params.first_w + kw;
        dw[(first + tap) * params.columns + column] = sum[kh][kw];
      }
    }
  }
}
