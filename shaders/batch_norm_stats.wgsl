// Statistics of batch normalisation, first half: mean and sum of squared deviations of each channel over one slice of the pixels.
//
//   K[c] = x[first row of the slice, c]                       (a value of the data: what is summed stays small, so nothing cancels)
//   mean[s, c] = K + Σ (x − K) / rows,   m2[s, c] = Σ (x − K)² − (Σ (x − K))² / rows
//
// One read of the data. A workgroup owns COLUMNS channels beside each other over a slice of the rows; the 64 / COLUMNS invocations of a channel take its
// rows in turn, and the first adds up what they found. `batch_norm_merge.wgsl` joins the slices in a fixed order. Of one slice there is nothing to
// join: m2 then gets what that would make of it, 1 / √(m2 / rows + eps), and the running statistics move on here.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
//
// Rung slices: Many invocations work on one channel, so that the device has enough to do, and meet in workgroup memory; where there are very many rows,
// these are cut into slices besides, which `batch_norm_merge.wgsl` joins in a fixed order. Mean and deviations come from one pass, so x is read twice
// in all, not three times.
//
// Rung vec4: An invocation takes four neighbouring channels as one vec4. It loads as many elements, by a quarter of the loads, each four numbers
// wide, and the indices and the loop are paid for once instead of four times. That pays on every device, and wherever C is a multiple of 4 it is
// what the engine runs.
//
// Dispatch: [ceil(C / COLUMNS), slices]

alias T = f32;

override COLUMNS: u32 = 1;  // beside each other in a workgroup: a power of two

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

var<workgroup> sums: array<T, 64>;
var<workgroup> squares: array<T, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let column = group.x * COLUMNS + invocation % COLUMNS;
  let own = min(column, params.columns - 1u);
  let first = group.y * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let shift = x[first * params.columns + own];
  var sum = T(0.0);
  var square = T(0.0);
  for (var row = first + invocation / COLUMNS; row < end; row += 64u / COLUMNS) {
    let d = x[row * params.columns + own] - shift;
    sum += d;
    square += d * d;
  }
  sums[invocation] = sum;
  squares[invocation] = square;
  workgroupBarrier();

  if (invocation >= COLUMNS || column >= params.columns) { return; }
  for (var other = invocation + COLUMNS; other < 64u; other += COLUMNS) {
    sum += sums[other];
    square += squares[other];
  }
  let i = group.y * params.columns + column;
  let count = f32(end - first);
  let center = shift + sum / count;
  let rounded = square - sum * sum / count;
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
