// Gradient of a 2-D convolution with respect to its weights, tiled rung: an implicit matrix product of taps × pixels with pixels × output
// channels.
//
//   dW[k, co] = Σ over n, oh, ow of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · dY[n, oh, ow, co],   k = (kh·KW + kw)·CI + ci
//
// A workgroup of 16 × 16 invocations owns a 64 × 64 tile of the result, each invocation 4 × 4 of it in registers. Slabs of both operands,
// 16 deep, pass through workgroup memory, so that each element loaded from a buffer meets 64 others.
// Slice s takes the pixels from s·slice_pixels on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// Rung tiled: A product of taps × pixels with pixels × output channels, in the tile of `matmul_tiled.wgsl`: 2 loads per multiply-add become 1/32,
// and a pixel's place is reckoned once for 64 taps. dW is small and the sum long, so there would be few tiles; the pixels are cut into slices that
// are summed in a fixed order by a second dispatch, and the device has enough to do.
//
// Needs: CO a multiple of 4. Any CI.
// Dispatch: [ceil(CO / 64), ceil(KH·KW·CI / 64), slices]

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
  slices: u32,
  slice_pixels: u32,  // of the N·OH·OW
}

@group(0) @binding(0) var<storage, read> x: array<E>;           // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;  // [slices, KH·KW·CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

const DEPTH = 16u;  // of a slab
const QUADS = 16u;  // vec4s in the 64 rows or columns of a tile

var<workgroup> slab_a: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 rows]
var<workgroup> slab_b: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 columns]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let x_quad = invocation % QUADS;
  let y_quad = invocation / QUADS;
  let taps = params.kh * params.kw * params.ci;
  let columns = params.co / 4u;
  let column = workgroup.x * QUADS + x_quad;  // in vec4s
  let first = workgroup.z * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.n * params.oh * params.ow);

  // The four taps that this invocation loads: neighbours in the workgroup take neighbouring channels.
  let load0 = workgroup.y * 64u + x_quad * 4u;
  var ci: array<u32, 4>;
  var kh: array<u32, 4>;
  var kw: array<u32, 4>;
  for (var r = 0u; r < 4u; r++) {
    let tap = min(load0 + r, taps - 1u);
    ci[r] = tap % params.ci;
    kh[r] = tap / params.ci / params.kw * params.dilation_h - params.pad_h;
    kw[r] = tap / params.ci % params.kw * params.dilation_w - params.pad_w;
  }

  var sum: array<vec4f, 4>;
  for (var p0 = first; p0 < end; p0 += DEPTH) {
    let p = p0 + y_quad;
    let top = p / params.ow % params.oh * params.stride_h;
    let left = p % params.ow * params.stride_w;
    let image = p / (params.ow * params.oh) * params.h;
    var loaded = vec4f(0.0);
    for (var r = 0u; r < 4u; r++) {
      let ih = top + kh[r];
      let iw = left + kw[r];
      let inside = p < end && ih < params.h && iw < params.w;
      loaded[r] = select(0.0, f32(x[select(0u, ((image + ih) * params.w + iw) * params.ci + ci[r], inside)]), inside);
    }
    slab_a[invocation] = loaded;
    let inside = p < end && column < columns;
    slab_b[invocation] = select(vec4f(0.0), vec4f(dy[select(0u, p * columns + column, inside)]), inside);
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

  let row0 = workgroup.y * 64u + y_quad * 4u;
  if (column < columns) {
    for (var r = 0u; r < 4u && row0 + r < taps; r++) {
      dw[(workgroup.z * taps + row0 + r) * columns + column] = sum[r];
    }
  }
}
