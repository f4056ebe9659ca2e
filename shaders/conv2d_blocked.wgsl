// 2-D convolution, blocked rung: an implicit matrix product of pixels × taps with taps × output channels.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · W[kh, kw, ci, co]
//
// A workgroup owns a block of ROWS pixels × COLUMNS output channels, each invocation THREAD_ROWS × THREAD_COLUMNS of it in registers, as in
// `matmul_blocked.wgsl`. A slab is DEPTH channels under one tap: from slab to slab the channels go on, then the taps, by additions alone. Where DEPTH does
// not divide CI, the last slab of each tap is filled up with zeros.
// Slice s of the sum takes `slice_steps` slabs from s·slice_steps on; `reduce_sum.wgsl` adds the slices in a fixed order. The first has the bias.
//
// Rung blocked: The product of `matmul_blocked.wgsl`, pixels × taps with taps × output channels. Its slabs never straddle two taps, so that an
// invocation reckons where its pixels begin once, by divisions, and then only adds; the tiled rung divides twice for each element it loads. The channels
// of a pixel lie side by side and are loaded four at a time. While a slab is multiplied the next one is loaded, and one barrier for each is enough.
//
// Needs: CI and CO multiples of 4.
// Dispatch: [ceil(CO / COLUMNS), ceil(N·OH·OW / ROWS), slices]

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
  slice_steps: u32,  // slabs of a slice
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;        // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;   // [KH·KW·CI, CO/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [CO/4] or [2, CO/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4<E>>;  // [slices, N, OH, OW, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

const ROWS = 64u;
const COLUMNS = 64u;
const DEPTH = 16u;
const THREAD_ROWS = 4u;
const THREAD_COLUMNS = 4u;
const INVOCATIONS = 256u;

const QUADS = COLUMNS / 4u;              // vec4s of a row of the block
const DEPTH_QUADS = DEPTH / 4u;
const ACROSS = COLUMNS / THREAD_COLUMNS;  // invocations side by side
const DOWN = ROWS / THREAD_ROWS;
const OWN = THREAD_COLUMNS / 4u;          // vec4s of a row that an invocation owns
const SLAB_A = ROWS * DEPTH_QUADS;        // vec4s of a slab
const SLAB_B = DEPTH * QUADS;
const LOADS_A = (SLAB_A + INVOCATIONS - 1u) / INVOCATIONS;  // of an invocation
const LOADS_B = (SLAB_B + INVOCATIONS - 1u) / INVOCATIONS;
const_assert INVOCATIONS == ACROSS * DOWN;

var<workgroup> slab_a: array<vec4f, 2u * SLAB_A>;  // [2, DEPTH/4, ROWS], each four channels
var<workgroup> slab_b: array<vec4f, 2u * SLAB_B>;  // [2, DEPTH, COLUMNS/4]

// Adds the product of two slabs to what an invocation owns: rows and vec4s of columns that lie as far apart as there are invocations beside each other,
// so that neighbours read neighbouring words.
fn multiply(sum: ptr<function, array<vec4f, THREAD_ROWS * OWN>>, slab: u32, down: u32, across: u32) {
  for (var q = 0u; q < DEPTH_QUADS; q++) {
    var rows: array<vec4f, 4u * OWN>;
    for (var k = 0u; k < 4u; k++) {
      for (var c = 0u; c < OWN; c++) {
        rows[k * OWN + c] = slab_b[slab * SLAB_B + (q * 4u + k) * QUADS + c * ACROSS + across];
      }
    }
    for (var r = 0u; r < THREAD_ROWS; r++) {
      let v = slab_a[slab * SLAB_A + q * ROWS + r * DOWN + down];
      for (var c = 0u; c < OWN; c++) {
        let low = fma(vec4f(v.x), rows[c], fma(vec4f(v.y), rows[OWN + c], (*sum)[r * OWN + c]));
        (*sum)[r * OWN + c] = fma(vec4f(v.z), rows[2u * OWN + c], fma(vec4f(v.w), rows[3u * OWN + c], low));
      }
    }
  }
}

// What becomes of a sum at the end: y = factor · sum + offset, or, with a ReLU behind it, max(y, 0), written so that NaN stays NaN, which max() may lose.
fn finished(sum: vec4f, factor: vec4f, offset: vec4f) -> vec4f {
  let v = sum * factor + offset;
  return select(v, vec4f(0.0), (v < vec4f(0.0)) & vec4<bool>(params.relu != 0u));
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let across = invocation % ACROSS;
  let down = invocation / ACROSS;
  let row0 = workgroup.y * ROWS;
  let column0 = workgroup.x * QUADS;  // in vec4s
  let pixels = params.n * params.oh * params.ow;
  let columns = params.co / 4u;
  let depth = params.ci / 4u;
  let tap_steps = (depth + DEPTH_QUADS - 1u) / DEPTH_QUADS;
  let first = workgroup.z * params.slice_steps;
  let end = min(first + params.slice_steps, params.kh * params.kw * tap_steps);

  // What this invocation loads: of X one vec4 of channels of pixels some way apart, of the weights one column in rows some way apart.
  let load_c = invocation % DEPTH_QUADS;
  let load_row = invocation / DEPTH_QUADS;
  let load_column = invocation % QUADS;
  let load_depth = invocation / QUADS;
  let column = column0 + load_column;

  // Where the windows of the pixels begin; unsigned, so a border crossed upwards wraps round to a large number.
  var image: array<u32, LOADS_A>;
  var top: array<u32, LOADS_A>;
  var left: array<u32, LOADS_A>;
  for (var i = 0u; i < LOADS_A; i++) {
    let p = min(row0 + load_row + i * (INVOCATIONS / DEPTH_QUADS), pixels - 1u);
    image[i] = p / (params.ow * params.oh) * params.h;
    top[i] = p / params.ow % params.oh * params.stride_h - params.pad_h;
    left[i] = p % params.ow * params.stride_w - params.pad_w;
  }

  // The tap and the first channel of the next slab.
  var tap = first / tap_steps;
  var kh = tap / params.kw;
  var kw = tap % params.kw;
  var c0 = first % tap_steps * DEPTH_QUADS;  // in vec4s

  // The first turn only loads, the last only multiplies.
  var sum: array<vec4f, THREAD_ROWS * OWN>;
  for (var step = first; step <= end; step++) {
    var next_a: array<vec4f, LOADS_A>;
    var next_b: array<vec4f, LOADS_B>;
    if (step < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let ih = top[i] + kh * params.dilation_h;
        let iw = left[i] + kw * params.dilation_w;
        let inside = ih < params.h && iw < params.w && c0 + load_c < depth;
        let place = ((image[i] + ih) * params.w + iw) * depth + c0 + load_c;
        next_a[i] = select(vec4f(0.0), vec4f(x[select(0u, place, inside)]), inside);
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let c = c0 * 4u + load_depth + i * (INVOCATIONS / QUADS);
        let inside = c < params.ci && column < columns;
        next_b[i] = select(vec4f(0.0), vec4f(weight[select(0u, (tap * params.ci + c) * columns + column, inside)]), inside);
      }
      c0 += DEPTH_QUADS;
      if (c0 >= depth) {
        c0 = 0u;
        tap++;
        kw++;
        if (kw == params.kw) {
          kw = 0u;
          kh++;
        }
      }
    }
    if (step > first) { multiply(&sum, (step - 1u) % 2u, down, across); }
    if (step < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let row = load_row + i * (INVOCATIONS / DEPTH_QUADS);
        if (row < ROWS) { slab_a[step % 2u * SLAB_A + load_c * ROWS + row] = next_a[i]; }
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let k = load_depth + i * (INVOCATIONS / QUADS);
        if (k < DEPTH) { slab_b[step % 2u * SLAB_B + k * QUADS + load_column] = next_b[i]; }
      }
      workgroupBarrier();
    }
  }

  for (var c = 0u; c < OWN; c++) {
    let own = column0 + c * ACROSS + across;
    if (own < columns) {
      var offset = vec4f(0.0);
      if (params.has_bias != 0u && workgroup.z == 0u) { offset = bias[own]; }
      var factor = vec4f(1.0);
      if (params.has_bias == 2u) { factor = bias[columns + own]; }
      for (var r = 0u; r < THREAD_ROWS; r++) {
        let row = row0 + r * DOWN + down;
        if (row < pixels) { y[(workgroup.z * pixels + row) * columns + own] = vec4<E>(finished(sum[r * OWN + c], factor, offset)); }
      }
    }
  }
}
