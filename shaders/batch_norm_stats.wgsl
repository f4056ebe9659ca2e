// Statistics of batch normalisation, first half: mean and sum of squared deviations of each channel over one slice of the pixels.
//
//   K[c] = x[first row of the slice, c]                       (a value of the data: what is summed stays small, so nothing cancels)
//   mean[s, c] = K + Σ (x − K) / rows,   m2[s, c] = Σ (x − K)² − (Σ (x − K))² / rows
//
// One read of the data. `batch_norm_merge.wgsl` joins the slices in a fixed order. Of one slice there is nothing to join: m2 then gets what that would
// make of it, 1 / √(m2 / rows + eps), and the running statistics move on here.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
//
// Rung slices: The rows are cut into slices, so that many invocations work on one channel and the device has enough to do; `batch_norm_merge.wgsl`
// joins them in a fixed order. Mean and deviations come from one pass, so x is read twice in all, not three times. Three dispatches instead of one
// cost some microseconds, which small inputs would feel: they are one slice, and two dispatches.
//
// Rung vec4: An invocation takes four neighbouring channels as one vec4. It loads as many elements, by a quarter of the loads, each four numbers
// wide, and the indices and the loop are paid for once instead of four times. That pays on every device, and wherever C is a multiple of 4 it is
// what the engine runs.
//
// Dispatch: grid of slices·C invocations, 64 to a workgroup

alias T = f32;

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
  eps: f32,
  momentum: f32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;           // [rows, C]
@group(0) @binding(1) var<storage, read_write> mean: array<T>;  // [slices, C]
@group(0) @binding(2) var<storage, read_write> m2: array<T>;    // [slices, C]
@group(0) @binding(3) var<storage, read_write> running_mean: array<T>;  // [C]
@group(0) @binding(4) var<storage, read_write> running_var: array<T>;   // [C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.slices * params.columns) { return; }
  let column = i % params.columns;
  let first = i / params.columns * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let shift = x[first * params.columns + column];
  var sum = T(0.0);
  var squares = T(0.0);
  for (var row = first; row < end; row++) {
    let d = x[row * params.columns + column] - shift;
    sum += d;
    squares += d * d;
  }
  let count = f32(end - first);
  let center = shift + sum / count;
  let rounded = squares - sum * sum / count;
  // Rounding may leave less than nothing. Written so that NaN stays NaN, which max() may lose.
  let deviations = select(rounded, T(0.0), rounded < T(0.0));
  mean[i] = center;
  if (params.slices > 1u) {
    m2[i] = deviations;
  } else {
    m2[i] = 1.0 / sqrt(deviations / count + params.eps);
    running_mean[i] += params.momentum * (center - running_mean[i]);
    running_var[i] += params.momentum * (deviations / (count - 1.0) - running_var[i]);
  }
}
