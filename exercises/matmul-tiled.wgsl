// Matrix product, tiled rung.
//
//   C[m, n] = Σ over k of  A[m, k] · B[k, n]
//
// A workgroup of 16 × 16 invocations owns a 64 × 64 tile of the result, each invocation 4 × 4 of it in registers. Slabs of both operands,
// 16 deep, pass through workgroup memory, so that each element loaded from a buffer meets 64 others.
//
// Rung tiled: A workgroup shares what it loads. Each element that comes from a buffer is put into workgroup memory once and meets 64 others there:
// 2 loads per multiply-add become 1/32, and the 4 × 4 outputs that an invocation keeps in registers leave half a read of workgroup memory. On a
// GPU that pays most: buffers are far away, workgroup memory is near. A software driver keeps workgroup memory where buffers lie, and its barrier
// costs a change of context; what pays there is the reuse in registers, and the loads of four numbers at once.
//
// Needs: N a multiple of 4. Any M and K.
// Dispatch: [ceil(N / 64), ceil(M / 64), 1]
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check matmul-tiled

struct Params {
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;          // [M, K]
@group(0) @binding(1) var<storage, read> b: array<vec4f>;        // [K, N/4]
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;  // [M, N/4]
@group(1) @binding(0) var<uniform> params: Params;

const DEPTH = 16u;  // of a slab
const QUADS = 16u;  // vec4s in the 64 rows or columns of a tile

var<workgroup> slab_a: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 rows]
var<workgroup> slab_b: array<vec4f, DEPTH * QUADS>;  // [DEPTH, 64 columns]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let x_quad = invocation % QUADS;
  let y_quad = invocation / QUADS;
  let columns = params.n / 4u;
  let column = workgroup.x * QUADS + x_quad;  // in vec4s
  let row0 = workgroup.y * 64u + y_quad * 4u;

  var sum: array<vec4f, 4>;
  for (var k0 = 0u; k0 < params.k; k0 += DEPTH) {
    // Loading A, neighbours in the workgroup take neighbours along k; each brings four rows.
    var rows = vec4f(0.0);
    let k = k0 + x_quad;
    for (var r = 0u; r < 4u; r++) {
      let inside = row0 + r < params.m && k < params.k;
      rows[r] = select(0.0, a[select(0u, (row0 + r) * params.k + k, inside)], inside);
    }
    slab_a[x_quad * QUADS + y_quad] = rows;
    let inside = k0 + y_quad < params.k && column < columns;
    slab_b[invocation] = select(vec4f(0.0), b[select(0u, (k0 + y_quad) * columns + column, inside)], inside);
    // TODO 1: all invocations of the workgroup have to be done with loading before the first one multiplies.

    for (var k = 0u; k < DEPTH; k++) {
      let a = slab_a[k * QUADS + y_quad];  // four rows of A in column k
      let b = slab_b[k * QUADS + x_quad];  // row k of B in four columns
      // TODO 2: each of the four rows meets all four columns: add to sum[0] … sum[3].
      sum[0] = fma(vec4f(a.x), b, sum[0]);
    }
    // TODO 3: what must not begin before all invocations are done with this slab?

  }

  if (column < columns) {
    // TODO 4: M need not be a multiple of 4: leave out the rows that C does not have.
    for (var r = 0u; r < 4u; r++) {
      c[(row0 + r) * columns + column] = sum[r];
    }
  }
}
