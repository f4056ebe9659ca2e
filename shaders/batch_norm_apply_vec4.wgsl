// Batch normalisation, and the rectifier behind it where wanted.
//
//   y[r, c] = (x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c],   then max(·, 0) where relu = 1
//
// Works on four neighbouring channels at once (vec4).
// Needs: C a multiple of 4; `batch_norm_apply.wgsl` takes any.
// Dispatch: grid of rows·C/4 invocations, 256 to a workgroup

struct Params {
  count: u32,    // rows · C/4
  columns: u32,  // C/4
  relu: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [rows, C/4]
@group(0) @binding(1) var<storage, read> mean: array<vec4f>;     // [C/4]
@group(0) @binding(2) var<storage, read> invstd: array<vec4f>;   // [C/4]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;   // [C/4]
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;     // [C/4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;  // [rows, C/4]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.columns;
  let value = (x[i] - mean[c]) * (invstd[c] * weight[c]) + bias[c];
  // Written so that NaN stays NaN, which max() may lose.
  y[i] = select(value, vec4f(0.0), (value < vec4f(0.0)) & vec4<bool>(params.relu != 0u));
}
