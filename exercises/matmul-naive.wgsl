// Matrix product, naive rung: one output per invocation.
//
//   C[m, n] = Σ over k of  A[m, k] · B[k, n]
//
// A and B may each lie transposed: their strides say where the next row and the next column are.
//
// Rung naive: The formula as it is written, one output for each invocation. Both operands are loaded anew for every multiply-add: two loads for
// two operations. Any processor computes many times faster than it loads, so it waits for loads nearly all the time, even where a cache answers
// them. This is where the ladder begins.
//
// Dispatch: grid of m·n invocations, 256 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check matmul-naive

struct Params {
  m: u32,
  n: u32,
  k: u32,
  a_row: u32,     // K, or 1 where A lies transposed
  a_column: u32,  // 1, or M
  b_row: u32,     // N, or 1 where B lies transposed
  b_column: u32,  // 1, or K
}

@group(0) @binding(0) var<storage, read> a: array<f32>;        // [M, K] or [K, M]
@group(0) @binding(1) var<storage, read> b: array<f32>;        // [K, N] or [N, K]
@group(0) @binding(2) var<storage, read_write> c: array<f32>;  // [M, N]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.m * params.n) { return; }
  // TODO 1: row and column of output i.
  let row = 0u;
  let column = 0u;
  var sum = 0.0;
  for (var k = 0u; k < params.k; k++) {
    // TODO 2: add A[row, k] · B[k, column]. The strides in params say where the next row and the next column of each matrix are.
    sum += a[row] * b[column];
  }
  c[i] = sum;
}
