// Statistics of batch normalisation, first half: mean and sum of squared deviations of each channel over one slice of the pixels.
//
//   K[c] = x[first row of the slice, c]                       (a value of the data: what is summed stays small, so nothing cancels)
//   mean[s, c] = K + Σ (x − K) / rows,   m2[s, c] = Σ (x − K)² − (Σ (x − K))² / rows
//
// One read of the data. `batch_norm_merge.wgsl` joins the slices in a fixed order.
// Dispatch: grid of slices·C invocations, 64 to a workgroup

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;           // [rows, C]
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;  // [slices, C]
@group(0) @binding(2) var<storage, read_write> m2: array<f32>;    // [slices, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.slices * params.columns) { return; }
  let column = i % params.columns;
  let first = i / params.columns * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let shift = x[first * params.columns + column];
  var sum = 0.0;
  var squares = 0.0;
  for (var row = first; row < end; row++) {
    let d = x[row * params.columns + column] - shift;
    sum += d;
    squares += d * d;
  }
  let count = f32(end - first);
  mean[i] = shift + sum / count;
  let deviations = squares - sum * sum / count;
  // Rounding may leave less than nothing. Written so that NaN stays NaN, which max() may lose.
  m2[i] = select(deviations, f32(0.0), deviations < f32(0.0));
}
