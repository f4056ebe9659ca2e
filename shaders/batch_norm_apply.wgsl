// Batch normalisation, and the rectifier behind it where wanted.
//
//   y[r, c] = (x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c],   then max(·, 0) where relu = 1
//
// An invocation owns a run of rows of one column, so that it reads what belongs to the channel once.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of ceil(rows / run)·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C
  run: u32,
  relu: u32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [rows, C]
@group(0) @binding(1) var<storage, read> mean: array<T>;     // [C]
@group(0) @binding(2) var<storage, read> invstd: array<T>;   // [C]
@group(0) @binding(3) var<storage, read> weight: array<T>;   // [C]
@group(0) @binding(4) var<storage, read> bias: array<T>;     // [C]
@group(0) @binding(5) var<storage, read_write> y: array<T>;  // [rows, C]
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
  let rectified = T(f32(params.relu)) != T(0.0);
  let end = min(first + params.run, params.rows);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + c;
    let value = (x[at] - center) * factor + offset;
    // Written so that NaN stays NaN, which max() may lose.
    y[at] = select(value, T(0.0), (value < T(0.0)) & rectified);
  }
}
