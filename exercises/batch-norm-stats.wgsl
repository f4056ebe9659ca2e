// Statistics of batch normalisation, first half: mean and sum of squared deviations of each channel over one slice of the pixels.
//
//   K[c] = x[first row of the slice, c]                       (a value of the data: what is summed stays small, so nothing cancels)
//   mean[s, c] = K + Σ (x − K) / rows,   m2[s, c] = Σ (x − K)² − (Σ (x − K))² / rows
//
// One read of the data. `batch_norm_merge.wgsl` joins the slices in a fixed order.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
//
// Rung slices: The rows are cut into slices, so that many invocations work on one channel and the device has enough to do; `batch_norm_merge.wgsl`
// joins them in a fixed order. Mean and deviations come from one pass, so x is read twice in all, not three times. Three dispatches instead of one
// cost some microseconds, which small inputs feel.
//
// Rung vec4: An invocation takes four neighbouring channels as one vec4. It loads as many elements, by a quarter of the loads, each four numbers
// wide, and the indices and the loop are paid for once instead of four times. That pays on every device, and wherever C is a multiple of 4 it is
// what the engine runs.
//
// Dispatch: grid of slices·C invocations, 64 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check batch-norm-stats

alias T = f32;

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;           // [rows, C]
@group(0) @binding(1) var<storage, read_write> mean: array<T>;  // [slices, C]
@group(0) @binding(2) var<storage, read_write> m2: array<T>;    // [slices, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.slices * params.columns) { return; }
  let column = i % params.columns;
  let first = i / params.columns * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  // TODO 1: a value of this channel, to take off all others. (0 works only for data around 0.)
  let shift = T(0.0);
  var sum = T(0.0);
  var squares = T(0.0);
  for (var row = first; row < end; row++) {
    // TODO 2: the value of this row, less the shift; add it to `sum`, and its square to `squares`.

  }
  // TODO 3: how many rows has this slice?
  let count = f32(params.slice_rows);
  // TODO 4: the mean, and the sum of the squared deviations from it.
  mean[i] = sum;
  let deviations = squares;
  // Rounding may leave less than nothing. Written so that NaN stays NaN, which max() may lose.
  m2[i] = select(deviations, T(0.0), deviations < T(0.0));
}
