// Gradient of a 2-D convolution with respect to its input, blocked rung: an implicit matrix product of pixels × taps with taps × input channels.
//
//   dX[n, ih, iw, ci] = Σ over kh, kw, co of  dY[n, oh, ow, co] · Wt[kh, kw, co, ci]
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Input pixels whose ih + pad leave the same remainder by the stride, and likewise in width, meet the same taps: first, first + tap_step, and so on. They are
// a phase, and each phase (stride_h · stride_w of them, along z) is a convolution of its own with stride 1, in which every tap counts. At stride 1 there
// is one phase of all pixels.
// The weights come with their last two dimensions exchanged (`transpose.wgsl`). Slice s of the sum takes `slice_steps` slabs of its phase from
// s·slice_steps on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung blocked: The block of `conv2d_blocked.wgsl`, for pixels × taps with taps × input channels, and no zeros multiplied: with a stride, input pixels
// are sorted into phases that meet the same taps. At stride 2 that is a quarter of the work that all taps at all pixels would be. A phase is a
// convolution with stride 1, so from tap to tap a place moves on by an addition, where the naive rung divides by the stride.
//
// Needs: CI and CO multiples of 4.
// Dispatch: [ceil(CI / COLUMNS), ceil(N·ceil(H / stride_h)·ceil(W / stride_w) / ROWS), stride_h·stride_w·slices]

alias E = f32;  // as which dy, weight and dx are stored: f16 in half precision

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
  tap_step_h: u32,  // from one tap of a phase to the next: stride ÷ the greatest common divisor of stride and dilation
  tap_step_w: u32,
  slice_steps: u32,  // slabs of a slice
}

@group(0) @binding(0) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;    // [KH·KW·CO, CI/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<E>>;  // [slices, N, H, W, CI/4]
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

// The first tap that meets a pixel of a phase; `taps` where none does. place: the pixel's place in the padded input.
fn first_tap(place: u32, taps: u32, dilation: u32, stride: u32) -> u32 {
  var tap = 0u;
  while (tap < taps && (place + tap * dilation * (stride - 1u)) % stride != 0u) { tap++; }
  return tap;
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let across = invocation % ACROSS;
  let down = invocation / ACROSS;
  let row0 = workgroup.y * ROWS;
  let column0 = workgroup.x * QUADS;  // in vec4s
  let columns = params.ci / 4u;
  let depth = params.co / 4u;

  // The phase: its first pixel, its size, its taps, and the output pixel that its first one meets by the first tap, which may lie before the image.
  let phases = params.stride_h * params.stride_w;
  let phase_h = workgroup.z % phases / params.stride_w;
  let phase_w = workgroup.z % phases % params.stride_w;
  let height = (params.h + params.stride_h - 1u - phase_h) / params.stride_h;
  let width = (params.w + params.stride_w - 1u - phase_w) / params.stride_w;
  let pixels = params.n * height * width;
  let first_h = first_tap(phase_h + params.pad_h, params.kh, params.dilation_h, params.stride_h);
  let first_w = first_tap(phase_w + params.pad_w, params.kw, params.dilation_w, params.stride_w);
  let taps_h = (params.kh - first_h + params.tap_step_h - 1u) / params.tap_step_h;
  let taps_w = (params.kw - first_w + params.tap_step_w - 1u) / params.tap_step_w;
  let start_h = (i32(phase_h + params.pad_h) - i32(first_h * params.dilation_h)) / i32(params.stride_h);
  let start_w = (i32(phase_w + params.pad_w) - i32(first_w * params.dilation_w)) / i32(params.stride_w);
  // Output pixels from one tap to the next, backwards.
  let back_h = params.tap_step_h * params.dilation_h / params.stride_h;
  let back_w = params.tap_step_w * params.dilation_w / params.stride_w;

  let tap_steps = (depth + DEPTH_QUADS - 1u) / DEPTH_QUADS;
  let first = workgroup.z / phases * params.slice_steps;
  let end = min(first + params.slice_steps, taps_h * taps_w * tap_steps);

  // What this invocation loads: of dY one vec4 of channels of pixels some way apart, of the weights one column in rows some way apart.
  let load_c = invocation % DEPTH_QUADS;
  let load_row = invocation / DEPTH_QUADS;
  let load_column = invocation % QUADS;
  let load_depth = invocation / QUADS;
  let column = column0 + load_column;

  // Output pixels that the first tap meets; unsigned, so what lies before the image is a large number.
  var image: array<u32, LOADS_A>;
  var bottom: array<u32, LOADS_A>;
  var right: array<u32, LOADS_A>;
  for (var i = 0u; i < LOADS_A; i++) {
    let p = min(row0 + load_row + i * (INVOCATIONS / DEPTH_QUADS), max(pixels, 1u) - 1u);
    image[i] = p / max(width * height, 1u) * params.oh;
    bottom[i] = p / max(width, 1u) % max(height, 1u) + u32(start_h);
    right[i] = p % max(width, 1u) + u32(start_w);
  }

  // The tap, counted among those of the phase, and the first channel of the next slab.
  var tap_h = first / tap_steps / max(taps_w, 1u);
  var tap_w = first / tap_steps % max(taps_w, 1u);
  var c0 = first % tap_steps * DEPTH_QUADS;  // in vec4s

  // The first turn only loads, the last only multiplies.
  var sum: array<vec4f, THREAD_ROWS * OWN>;
  for (var step = first; step <= end; step++) {
    var next_a: array<vec4f, LOADS_A>;
    var next_b: array<vec4f, LOADS_B>;
    if (step < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let oh = bottom[i] - tap_h * back_h;
        let ow = right[i] - tap_w * back_w;
        let inside = oh < params.oh && ow < params.ow && c0 + load_c < depth;
        let place = ((image[i] + oh) * params.ow + ow) * depth + c0 + load_c;
        next_a[i] = select(vec4f(0.0), vec4f(dy[select(0u, place, inside)]), inside);
      }
      let tap = (first_h + tap_h * params.tap_step_h) * params.kw + first_w + tap_w * params.tap_step_w;
      for (var i = 0u; i < LOADS_B; i++) {
        let c = c0 * 4u + load_depth + i * (INVOCATIONS / QUADS);
        let inside = c < params.co && column < columns;
        next_b[i] = select(vec4f(0.0), vec4f(weight[select(0u, (tap * params.co + c) * columns + column, inside)]), inside);
      }
      c0 += DEPTH_QUADS;
      if (c0 >= depth) {
        c0 = 0u;
        tap_w++;
        if (tap_w == taps_w) {
          tap_w = 0u;
          tap_h++;
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

  let slice0 = workgroup.z / phases * params.n * params.h * params.w;
  for (var r = 0u; r < THREAD_ROWS; r++) {
    let row = row0 + r * DOWN + down;
    if (row < pixels) {
      let ih = row / width % height * params.stride_h + phase_h;
      let iw = row % width * params.stride_w + phase_w;
      let pixel = (row / (width * height) * params.h + ih) * params.w + iw;
      for (var c = 0u; c < OWN; c++) {
        let own = column0 + c * ACROSS + across;
        if (own < columns) { dx[(slice0 + pixel) * columns + own] = vec4<E>(sum[r * OWN + c]); }
      }
    }
  }
}
