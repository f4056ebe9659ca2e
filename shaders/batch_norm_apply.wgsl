// Batch normalisation, and the rectifier behind it where wanted.
//
//   y[r, c] = (x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c],   then max(·, 0) where relu = 1
//
// Dispatch: grid of rows·C invocations, 256 to a workgroup

struct Params {
  count: u32,    // rows · C
  columns: u32,  // C
  relu: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [rows, C]
@group(0) @binding(1) var<storage, read> mean: array<f32>;     // [C]
@group(0) @binding(2) var<storage, read> invstd: array<f32>;   // [C]
@group(0) @binding(3) var<storage, read> weight: array<f32>;   // [C]
@group(0) @binding(4) var<storage, read> bias: array<f32>;     // [C]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;  // [rows, C]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.columns;
  let value = (x[i] - mean[c]) * (invstd[c] * weight[c]) + bias[c];
  // Written so that NaN stays NaN, which max() may lose.
  y[i] = select(value, f32(0.0), (value < f32(0.0)) & bool(params.relu != 0u));
}
