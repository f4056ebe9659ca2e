// The norm of gradients, and the factor that keeps it within a limit.
//
//   norm = √(Σ partial),   factor = min(1, limit / (norm + 10⁻⁶))
//
// A norm that is no number makes the factor none either. One workgroup: each invocation adds every 256th sum in order, then neighbours add up in
// pairs, so the result is the same bit for bit on every run.
// Dispatch: [1, 1, 1]

struct Params {
  pieces: u32,
  limit: f32,
}

@group(0) @binding(0) var<storage, read> partial: array<f32>;       // [pieces], sums of squares
@group(0) @binding(1) var<storage, read_write> norm: array<f32>;    // [1]
@group(0) @binding(2) var<storage, read_write> factor: array<f32>;  // [1]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) invocation: u32) {
  var sum = 0.0;
  for (var p = invocation; p < params.pieces; p += 256u) { sum += partial[p]; }
  sums[invocation] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (invocation < half) { sums[invocation] += sums[invocation + half]; }
  }
  if (invocation != 0u) { return; }
  let root = sqrt(sums[0]);
  let ratio = params.limit / (root + 1e-6);
  norm[0] = root;
  // Written so that NaN stays NaN, which min() may lose.
  factor[0] = select(ratio, 1.0, ratio > 1.0);
}
