// Products of matrices, a pair for each index of the batch.
//
//   C[b, m, n] = Σ over k of  A[b, m, k] · B[b, k, n]
//
// Each invocation owns 4 × 4 elements of a product in registers: 8 loads for 16 multiply-adds, in the order of k. Where the block stands over
// the edge, it loads the last row or column again and does not store. A and B may each lie transposed: their strides say where the next row
// and the next column are.
// Dispatch: grid of batch · ceil(M / 4) · ceil(N / 4) invocations, 64 to a workgroup

const SIDE = 4u;  // of a block

struct Params {
  count: u32,     // blocks: batch · ceil(M / 4) · ceil(N / 4)
  m: u32,
  n: u32,
  k: u32,
  a_row: u32,     // K, or 1 where A lies transposed
  a_column: u32,  // 1, or M
  b_row: u32,     // N, or 1 where B lies transposed
  b_column: u32,  // 1, or K
}

@group(0) @binding(0) var<storage, read> a: array<f32>;        // [batch, M, K] or [batch, K, M]
@group(0) @binding(1) var<storage, read> b: array<f32>;        // [batch, K, N] or [batch, N, K]
@group(0) @binding(2) var<storage, read_write> c: array<f32>;  // [batch, M, N]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }
  let across = (params.n + SIDE - 1u) / SIDE;
  let down = (params.m + SIDE - 1u) / SIDE;
  let column0 = i % across * SIDE;
  let row0 = i / across % down * SIDE;
  let batch = i / (across * down);

  let rows = min(vec4u(row0) + vec4u(0u, 1u, 2u, 3u), vec4u(params.m - 1u));
  let columns = min(vec4u(column0) + vec4u(0u, 1u, 2u, 3u), vec4u(params.n - 1u));
  var from_a = batch * params.m * params.k + rows * params.a_row;
  var from_b = batch * params.k * params.n + columns * params.b_column;
  var sum: array<vec4f, SIDE>;
  for (var k = 0u; k < params.k; k++) {
    let left = vec4f(a[from_a.x], a[from_a.y], a[from_a.z], a[from_a.w]);
    let right = vec4f(b[from_b.x], b[from_b.y], b[from_b.z], b[from_b.w]);
    sum[0] = fma(vec4f(left.x), right, sum[0]);
    sum[1] = fma(vec4f(left.y), right, sum[1]);
    sum[2] = fma(vec4f(left.z), right, sum[2]);
    sum[3] = fma(vec4f(left.w), right, sum[3]);
    from_a += vec4u(params.a_column);
    from_b += vec4u(params.b_row);
  }

  for (var r = 0u; r < SIDE && row0 + r < params.m; r++) {
    for (var s = 0u; s < SIDE && column0 + s < params.n; s++) {
      c[(batch * params.m + row0 + r) * params.n + column0 + s] = sum[r][s];
    }
  }
}
