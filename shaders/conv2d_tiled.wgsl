// 2-D convolution, tiled rung: an implicit matrix product of pixels × taps with taps × output channels.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over k of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, ci] · W[k, co],   k = (kh·KW + kw)·CI + ci
//
// A workgroup of 16 × 16 invocations owns a 64 × 64 tile of the result, each invocation 4 × 4 of it in registers. Slabs of both operands,
// 16 deep, pass through workgroup memory, so that each element loaded from a buffer meets 64 others.
//
// Rung tiled: The convolution is read as a matrix product, pixels × taps with taps × output channels, whose left matrix is never written down: its
// elements are looked up in X while they are loaded. So the tile of `matmul_tiled.wgsl` serves here too: 64 × 64 outputs share two slabs in
// workgroup memory, and 2 loads per multiply-add become 1/32. On a GPU that pays most. A software driver keeps workgroup memory where buffers lie
// and reckons each pixel's place with divisions lane by lane, so there it gains little over the naive rung.
//
// Needs: CO a multiple of 4. Any CI.
// Dispatch: [ceil(CO / 64), ceil(N·OH·OW / 64), 1]

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
}

@group(0) @binding(0) var<storage, read> x: array<E>;          // [N, H, W, CI]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;   // [KH·KW·CI, CO/4]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;     // [CO/4] or [2, CO/4], anything where has_bias = 0
@group(0) @binding(3) var<storage, read_write> y: array<vec4<E>>;  // [N, OH, OW, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

const DEPTH = 16u;  // of a slab
const QUADS = 16u;  // vec4s in the 64 rows or columns of a tile

var<workgroup> slab_a: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 rows]
var<workgroup> slab_b: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 columns]

// What becomes of a sum at the end: y = factor · sum + offset, or, with a ReLU behind it, max(y, 0), written so that NaN stays NaN, which max() may lose.
fn finished(sum: vec4f, factor: vec4f, offset: vec4f) -> vec4f {
  let v = sum * factor + offset;
  return select(v, vec4f(0.0), (v < vec4f(0.0)) & vec4<bool>(params.relu != 0u));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let x_quad = invocation % QUADS;
  let y_quad = invocation / QUADS;
  let pixels = params.n * params.oh * params.ow;
  let depth = params.kh * params.kw * params.ci;
  let columns = params.co / 4u;
  let column = workgroup.x * QUADS + x_quad;  // in vec4s
  let row0 = workgroup.y * 64u + y_quad * 4u;

  // Where the windows of this invocation's four pixels begin; unsigned, so a border crossed upwards wraps round to a large number.
  var image: array<u32, 4>;
  var top: array<u32, 4>;
  var left: array<u32, 4>;
  for (var r = 0u; r < 4u; r++) {
    let p = min(row0 + r, pixels - 1u);
    image[r] = p / (params.ow * params.oh) * params.h;
    top[r] = p / params.ow % params.oh * params.stride_h - params.pad_h;
    left[r] = p % params.ow * params.stride_w - params.pad_w;
  }

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < depth; k0 += DEPTH) {
    // Loading X, neighbours in the workgroup take neighbouring channels; each brings four pixels.
    let k = k0 + x_quad;
    let ci = k % params.ci;
    let kh = k / params.ci / params.kw * params.dilation_h;
    let kw = k / params.ci % params.kw * params.dilation_w;
    var rows = vec4f(0.0);
    for (var r = 0u; r < 4u; r++) {
      let ih = top[r] + kh;
      let iw = left[r] + kw;
      let inside = ih < params.h && iw < params.w && k < depth;
      let pixel = (image[r] + select(0u, ih, inside)) * params.w + select(0u, iw, inside);
      rows[r] = select(0.0, f32(x[pixel * params.ci + ci]), inside);
    }
    slab_a[x_quad * QUADS + y_quad] = rows;
    let inside = k0 + y_quad < depth && column < columns;
    slab_b[invocation] = select(vec4f(0.0), vec4f(weight[select(0u, (k0 + y_quad) * columns + column, inside)]), inside);
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
    var offset = vec4f(0.0);
    if (params.has_bias != 0u) { offset = bias[column]; }
    var factor = vec4f(1.0);
    if (params.has_bias == 2u) { factor = bias[columns + column]; }
    for (var r = 0u; r < 4u && row0 + r < pixels; r++) {
      y[(row0 + r) * columns + column] = vec4<E>(finished(sum[r], factor, offset));
    }
  }
}
