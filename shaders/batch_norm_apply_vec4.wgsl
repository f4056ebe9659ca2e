// Batch normalisation, and the rectifier behind it where wanted.
//
//   y[r, c] = (x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c],   then max(·, 0) where relu = 1
//
// An invocation owns a run of rows of one column, so that it reads what belongs to the channel once.
// Works on four neighbouring channels at once (vec4).
// Needs: C a multiple of 4; `batch_norm_apply.wgsl` takes any.
// Dispatch: grid of ceil(rows / run)·C/4 invocations, 256 to a workgroup

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C/4
  run: u32,
  relu: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [rows, C/4]
@group(0) @binding(1) var<storage, read> mean: array<vec4f>;     // [C/4]
@group(0) @binding(2) var<storage, read> invstd: array<vec4f>;   // [C/4]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;   // [C/4]
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;     // [C/4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;  // [rows, C/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let first = i / params.columns * params.run;
  if (first >= params.rows) { return; }
  let c = i % params.columns;
  let center = mean[c];
  let factor = invstd[c] * weight[c];
  let offset = bias[c];
  let rectified = vec4<bool>(params.relu != 0u);
  let end = min(first + params.run, params.rows);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + c;
    let value = (x[at] - center) * factor + offset;
    // Written so that NaN stays NaN, which max() may lose.
    y[at] = select(value, vec4f(0.0), (value < vec4f(0.0)) & rectified);
  }
}
