// Gradient of a 2-D convolution with respect to its input, tiled rung: an implicit matrix product of pixels × taps with taps × input channels.
//
//   dX[n, ih, iw, ci] = Σ over k of  dY[n, oh, ow, co] · Wt[k, ci],   k = (kh·KW + kw)·CO + co
//     where oh·stride = ih + pad − kh·dilation and ow·stride = iw + pad − kw·dilation, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// A workgroup of 16 × 16 invocations owns a 64 × 64 tile of the result, each invocation 4 × 4 of it in registers. Slabs of both operands,
// 16 deep, pass through workgroup memory, so that each element loaded from a buffer meets 64 others.
// The weights come with their last two dimensions exchanged (`transpose.wgsl`).
//
// Rung tiled: The tile of `matmul_tiled.wgsl`, for pixels × taps with taps × input channels. The weights are turned first, which costs one pass
// over them, so that neighbours in a workgroup load neighbours in memory. 2 loads per multiply-add become 1/32. With a stride above 1 most taps
// meet no output, and the tile multiplies their zeros all the same.
//
// Needs: CI a multiple of 4. Any CO.
// Dispatch: [ceil(CI / 64), ceil(N·H·W / 64), 1]

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
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;          // [N, OH, OW, CO]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;    // [KH·KW·CO, CI/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;  // [N, H, W, CI/4]
@group(1) @binding(0) var<uniform> params: Params;

const DEPTH = 16u;  // of a slab
const QUADS = 16u;  // vec4s in the 64 rows or columns of a tile

var<workgroup> slab_a: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 rows]
var<workgroup> slab_b: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 columns]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let x_quad = invocation % QUADS;
  let y_quad = invocation / QUADS;
  let pixels = params.n * params.h * params.w;
  let depth = params.kh * params.kw * params.co;
  let columns = params.ci / 4u;
  let column = workgroup.x * QUADS + x_quad;  // in vec4s
  let row0 = workgroup.y * 64u + y_quad * 4u;

  var image: array<u32, 4>;
  var bottom: array<u32, 4>;
  var right: array<u32, 4>;
  for (var r = 0u; r < 4u; r++) {
    let p = min(row0 + r, pixels - 1u);
    image[r] = p / (params.w * params.h) * params.oh;
    bottom[r] = p / params.w % params.h + params.pad_h;
    right[r] = p % params.w + params.pad_w;
  }

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < depth; k0 += DEPTH) {
    // Loading dY, neighbours in the workgroup take neighbouring channels; each brings four pixels.
    let k = k0 + x_quad;
    let co = k % params.co;
    let kh = k / params.co / params.kw * params.dilation_h;
    let kw = k / params.co % params.kw * params.dilation_w;
    var rows = vec4f(0.0);
    for (var r = 0u; r < 4u; r++) {
      // Unsigned: below zero wraps round to a large number and fails the test against OH or OW.
      let oh = (bottom[r] - kh) / params.stride_h;
      let ow = (right[r] - kw) / params.stride_w;
      let inside = oh < params.oh && ow < params.ow && k < depth
        && oh * params.stride_h == bottom[r] - kh && ow * params.stride_w == right[r] - kw;
      rows[r] = select(0.0, dy[select(0u, ((image[r] + oh) * params.ow + ow) * params.co + co, inside)], inside);
    }
    slab_a[x_quad * QUADS + y_quad] = rows;
    let inside = k0 + y_quad < depth && column < columns;
    slab_b[invocation] = select(vec4f(0.0), weight[select(0u, (k0 + y_quad) * columns + column, inside)], inside);
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
      dx[(row0 + r) * columns + column] = sum[r];
    }
  }
}
