// Gradient of a 2-D convolution with respect to its input, tiled rung: an implicit matrix product of pixels × taps with taps × input channels.
//
//   dX[n, ih, iw, ci] = Σ over kh, kw, co of  dY[n, oh, ow, co] · Wt[kh, kw, co, ci]
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Input pixels whose ih + pad leave the same remainder by the stride, and likewise in width, meet the same taps: first, first + tap_step, and so on. They are
// a phase, and each phase (stride_h · stride_w of them, along z) is a convolution of its own with stride 1, in which every tap counts. At stride 1 there
// is one phase of all pixels.
// A workgroup of 16 × 16 invocations owns a 64 × 64 tile of the result, each invocation 4 × 4 of it in registers. Slabs of both operands,
// 16 deep, pass through workgroup memory, so that each element loaded from a buffer meets 64 others.
// The weights come with their last two dimensions exchanged (`transpose.wgsl`).
//
// Rung tiled: The tile of `matmul_tiled.wgsl`, for pixels × taps with taps × input channels. The weights are turned first, which costs one pass
// over them, so that neighbours in a workgroup load neighbours in memory. 2 loads per multiply-add become 1/32. With a stride above 1 most taps meet
// no output at a pixel: pixels that meet the same ones are taken together, so that no zeros are multiplied.
//
// Needs: CI a multiple of 4. Any CO.
// Dispatch: [ceil(CI / 64), ceil(N·ceil(H / stride_h)·ceil(W / stride_w) / 64), stride_h·stride_w]

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
}

@group(0) @binding(0) var<storage, read> dy: array<E>;          // [N, OH, OW, CO]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;    // [KH·KW·CO, CI/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<E>>;  // [N, H, W, CI/4]
@group(1) @binding(0) var<uniform> params: Params;

const DEPTH = 16u;  // of a slab
const QUADS = 16u;  // vec4s in the 64 rows or columns of a tile

var<workgroup> slab_a: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 rows]
var<workgroup> slab_b: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 columns]

// The first tap that meets a pixel of a phase; `taps` where none does. place: the pixel's place in the padded input.
fn first_tap(place: u32, taps: u32, dilation: u32, stride: u32) -> u32 {
  var tap = 0u;
  while (tap < taps && (place + tap * dilation * (stride - 1u)) % stride != 0u) { tap++; }
  return tap;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let x_quad = invocation % QUADS;
  let y_quad = invocation / QUADS;
  let columns = params.ci / 4u;
  let column = workgroup.x * QUADS + x_quad;  // in vec4s
  let row0 = workgroup.y * 64u + y_quad * 4u;

  // The phase: its first pixel, its size, its taps, and the output pixel that its first one meets by the first tap, which may lie before the image.
  let phase_h = workgroup.z / params.stride_w;
  let phase_w = workgroup.z % params.stride_w;
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
  let depth = taps_h * taps_w * params.co;

  // The output pixels that the first tap meets; unsigned, so what lies before the image is a large number.
  var image: array<u32, 4>;
  var bottom: array<u32, 4>;
  var right: array<u32, 4>;
  for (var r = 0u; r < 4u; r++) {
    let p = min(row0 + r, max(pixels, 1u) - 1u);
    image[r] = p / max(width * height, 1u) * params.oh;
    bottom[r] = p / max(width, 1u) % max(height, 1u) + u32(start_h);
    right[r] = p % max(width, 1u) + u32(start_w);
  }

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < depth; k0 += DEPTH) {
    // Loading dY, neighbours in the workgroup take neighbouring channels; each brings four pixels.
    let k = k0 + x_quad;
    let co = k % params.co;
    let tap_h = k / params.co / max(taps_w, 1u);
    let tap_w = k / params.co % max(taps_w, 1u);
    var rows = vec4f(0.0);
    for (var r = 0u; r < 4u; r++) {
      let oh = bottom[r] - tap_h * back_h;
      let ow = right[r] - tap_w * back_w;
      let inside = oh < params.oh && ow < params.ow && k < depth;
      rows[r] = select(0.0, f32(dy[select(0u, ((image[r] + oh) * params.ow + ow) * params.co + co, inside)]), inside);
    }
    slab_a[x_quad * QUADS + y_quad] = rows;
    // Of the weights, the row of channel co under the tap.
    let row = k0 + y_quad;
    let kh = first_h + row / params.co / max(taps_w, 1u) * params.tap_step_h;
    let kw = first_w + row / params.co % max(taps_w, 1u) * params.tap_step_w;
    let inside = row < depth && column < columns;
    let place = ((kh * params.kw + kw) * params.co + row % params.co) * columns + column;
    slab_b[invocation] = select(vec4f(0.0), vec4f(weight[select(0u, place, inside)]), inside);
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let a = slab_a[k * QUADS + y_quad];
      let b = slab_b[k * QUADS + x_quad];
      sum[0] = fma(vec4f(a.x), b, sum[0]);
      sum[1] = fma(vec4f(a.y), b, sum[1]);
      sum[2] = fma(vec4f(a.z), b, sum[2]);
      sum[3] = fma(vec4f(a.w), b, sum[3]);
    }
    workgroupBarrier();
  }

  if (column < columns) {
    for (var r = 0u; r < 4u && row0 + r < pixels; r++) {
      let p = row0 + r;
      let ih = p / width % height * params.stride_h + phase_h;
      let iw = p % width * params.stride_w + phase_w;
      dx[((p / (width * height) * params.h + ih) * params.w + iw) * columns + column] = vec4<E>(sum[r]);
    }
  }
}
