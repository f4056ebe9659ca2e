// Gradient of a 2-D convolution with respect to its weights, blocked rung: an implicit matrix product of taps × pixels with pixels × output
// channels.
//
//   dW[k, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · dY[n, oh, ow, co],   k = (kh·KW + kw)·CI + ci
//
// A workgroup owns a block of ROWS taps × COLUMNS output channels, each invocation THREAD_ROWS × THREAD_COLUMNS of it in registers, as in
// `matmul_blocked.wgsl`. A slab is DEPTH pixels. Both operands lie with the pixels as their first dimension, so that of both an invocation reads four
// neighbouring columns of a slab at a time.
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung blocked: The block of `matmul_blocked.wgsl`, for taps × pixels with pixels × output channels. The four taps that an invocation loads are the
// same in every slab, so their channel and place in the window are reckoned once; its pixels move on by DEPTH, a step of so many images, rows and
// columns with carries, where the tiled rung divides. Four channels are loaded at once. The sum is long, dW small: the pixels are cut into slices that
// are summed in a fixed order by a second dispatch, so that the device has enough to do.
//
// Needs: CI and CO multiples of 4.
// Dispatch: [ceil(CO / COLUMNS), ceil(KH·KW·CI / ROWS), slices]

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
  slice_pixels: u32,  // of the N·OH·OW
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;         // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH·KW·CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

const ROWS = 64u;
const COLUMNS = 64u;
const DEPTH = 16u;
const THREAD_ROWS = 4u;
const THREAD_COLUMNS = 4u;
const INVOCATIONS = 256u;

const ROW_QUADS = ROWS / 4u;              // vec4s of a column of the block
const QUADS = COLUMNS / 4u;               // vec4s of a row of the block
const ACROSS = COLUMNS / THREAD_COLUMNS;  // invocations side by side
const DOWN = ROWS / THREAD_ROWS;
const OWN_ROWS = THREAD_ROWS / 4u;        // vec4s of a column that an invocation owns
const OWN = THREAD_COLUMNS / 4u;          // vec4s of a row that an invocation owns
const SLAB_A = DEPTH * ROW_QUADS;         // vec4s of a slab
const SLAB_B = DEPTH * QUADS;
const LOADS_A = (SLAB_A + INVOCATIONS - 1u) / INVOCATIONS;  // of an invocation
const LOADS_B = (SLAB_B + INVOCATIONS - 1u) / INVOCATIONS;
const_assert INVOCATIONS == ACROSS * DOWN;

var<workgroup> slab_a: array<vec4f, 2u * SLAB_A>;  // [2, DEPTH, ROWS/4]
var<workgroup> slab_b: array<vec4f, 2u * SLAB_B>;  // [2, DEPTH, COLUMNS/4]

// Adds the product of two slabs to what an invocation owns: vec4s of rows and of columns that lie as far apart as there are invocations beside each
// other, so that neighbours read neighbouring words.
fn multiply_columns(sum: ptr<function, array<vec4f, THREAD_ROWS * OWN>>, slab: u32, down: u32, across: u32) {
  for (var k = 0u; k < DEPTH; k++) {
    var row: array<vec4f, OWN>;
    for (var c = 0u; c < OWN; c++) {
      row[c] = slab_b[slab * SLAB_B + k * QUADS + c * ACROSS + across];
    }
    for (var r = 0u; r < OWN_ROWS; r++) {
      let v = slab_a[slab * SLAB_A + k * ROW_QUADS + r * DOWN + down];
      for (var c = 0u; c < OWN; c++) {
        (*sum)[r * 4u * OWN + c] = fma(vec4f(v.x), row[c], (*sum)[r * 4u * OWN + c]);
        (*sum)[(r * 4u + 1u) * OWN + c] = fma(vec4f(v.y), row[c], (*sum)[(r * 4u + 1u) * OWN + c]);
        (*sum)[(r * 4u + 2u) * OWN + c] = fma(vec4f(v.z), row[c], (*sum)[(r * 4u + 2u) * OWN + c]);
        (*sum)[(r * 4u + 3u) * OWN + c] = fma(vec4f(v.w), row[c], (*sum)[(r * 4u + 3u) * OWN + c]);
      }
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let across = invocation % ACROSS;
  let down = invocation / ACROSS;
  let row0 = workgroup.y * ROW_QUADS;  // in vec4s
  let column0 = workgroup.x * QUADS;  // in vec4s
  let columns = params.co / 4u;
  let depth = params.ci / 4u;
  let taps = params.kh * params.kw * depth;  // in vec4s
  let first = workgroup.z * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);

  // What this invocation loads: four taps, and a column, at pixels some way apart.
  let load_row = invocation % ROW_QUADS;
  let load_pixel = invocation / ROW_QUADS;
  let load_column = invocation % QUADS;
  let load_depth = invocation / QUADS;
  let column = column0 + load_column;
  let tap = min(row0 + load_row, taps - 1u);
  let c = tap % depth;
  let kh = tap / depth / params.kw * params.dilation_h - params.pad_h;
  let kw = tap / depth % params.kw * params.dilation_w - params.pad_w;

  // The pixels under the first slab, and how far the next lie: so many images, rows and columns.
  var image: array<u32, LOADS_A>;
  var oh: array<u32, LOADS_A>;
  var ow: array<u32, LOADS_A>;
  for (var i = 0u; i < LOADS_A; i++) {
    let p = first + load_pixel + i * (INVOCATIONS / ROW_QUADS);
    image[i] = p / (params.ow * params.oh);
    oh[i] = p / params.ow % params.oh;
    ow[i] = p % params.ow;
  }
  let step_image = DEPTH / (params.ow * params.oh);
  let step_oh = DEPTH / params.ow % params.oh;
  let step_ow = DEPTH % params.ow;

  // The first turn only loads, the last only multiplies.
  let steps = (max(end, first) - first + DEPTH - 1u) / DEPTH;
  var sum: array<vec4f, THREAD_ROWS * OWN>;
  for (var step = 0u; step <= steps; step++) {
    var next_a: array<vec4f, LOADS_A>;
    var next_b: array<vec4f, LOADS_B>;
    if (step < steps) {
      let p0 = first + step * DEPTH;
      for (var i = 0u; i < LOADS_A; i++) {
        // Unsigned: a border crossed upwards wraps round to a large number and fails the test against H or W.
        let ih = oh[i] * params.stride_h + kh;
        let iw = ow[i] * params.stride_w + kw;
        let inside = ih < params.h && iw < params.w && p0 + load_pixel + i * (INVOCATIONS / ROW_QUADS) < end;
        let place = ((image[i] * params.h + ih) * params.w + iw) * depth + c;
        next_a[i] = select(vec4f(0.0), vec4f(x[select(0u, place, inside)]), inside);
        ow[i] += step_ow;
        let row_ends = ow[i] >= params.ow;
        ow[i] -= select(0u, params.ow, row_ends);
        oh[i] += step_oh + select(0u, 1u, row_ends);
        let image_ends = oh[i] >= params.oh;
        oh[i] -= select(0u, params.oh, image_ends);
        image[i] += step_image + select(0u, 1u, image_ends);
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let p = p0 + load_depth + i * (INVOCATIONS / QUADS);
        let inside = p < end && column < columns;
        next_b[i] = select(vec4f(0.0), vec4f(dy[select(0u, p * columns + column, inside)]), inside);
      }
    }
    if (step > 0u) { multiply_columns(&sum, (step - 1u) % 2u, down, across); }
    if (step < steps) {
      for (var i = 0u; i < LOADS_A; i++) {
        let k = load_pixel + i * (INVOCATIONS / ROW_QUADS);
        if (k < DEPTH) { slab_a[step % 2u * SLAB_A + k * ROW_QUADS + load_row] = next_a[i]; }
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let k = load_depth + i * (INVOCATIONS / QUADS);
        if (k < DEPTH) { slab_b[step % 2u * SLAB_B + k * QUADS + load_column] = next_b[i]; }
      }
      workgroupBarrier();
    }
  }

  for (var r = 0u; r < THREAD_ROWS; r++) {
    let row = row0 + r / 4u * DOWN + down;  // in vec4s
    for (var q = 0u; q < OWN; q++) {
      let own = column0 + q * ACROSS + across;
      if (row < taps && own < columns) {
        dw[((workgroup.z * taps + row) * 4u + r % 4u) * columns + own] = sum[r * OWN + q];
      }
    }
  }
}
