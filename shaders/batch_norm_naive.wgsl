// Batch normalisation in training, naive rung: one channel per invocation.
//
//   mean[c] = Σ over r of x[r, c] / rows,   var[c] = Σ over r of (x[r, c] − mean[c])² / rows
//   y[r, c] = (x[r, c] − mean[c]) / √(var[c] + eps) · weight[c] + bias[c]
//
// Rung naive: The formula as it is written, in three passes over a channel: mean, variance, output. One dispatch does everything, but there are
// only as many invocations as channels, which leave most of a GPU without work, and each walks down a column, C elements from one load to the next.
// Used by `wgrad ladder` and by tests; what the engine runs begins with `batch_norm_stats.wgsl`.
//
// Dispatch: grid of C invocations, 64 to a workgroup

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C
  eps: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, C]
@group(0) @binding(1) var<storage, read> weight: array<f32>;   // [C]
@group(0) @binding(2) var<storage, read> bias: array<f32>;     // [C]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;  // [rows, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let c = id.y * groups.x * 64u + id.x;
  if (c >= params.columns) { return; }
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) { sum += x[row * params.columns + c]; }
  let mean = sum / f32(params.rows);
  var squares = 0.0;
  for (var row = 0u; row < params.rows; row++) {
    let d = x[row * params.columns + c] - mean;
    squares += d * d;
  }
  let invstd = 1.0 / sqrt(squares / f32(params.rows) + params.eps);
  for (var row = 0u; row < params.rows; row++) {
    let at = row * params.columns + c;
    y[at] = (x[at] - mean) * invstd * weight[c] + bias[c];
  }
}
