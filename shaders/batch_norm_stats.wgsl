// Statistics of batch normalisation, first half: mean and sum of squared deviations of each channel over one slice of the pixels.
//
//   of the rows of an invocation:  k = x[its first row, c]      (a value of the data: what is summed stays small, so nothing cancels)
//                                  mean = k + Σ (x − k) / n,   m2 = Σ (x − k)² − (Σ (x − k))² / n
//   of two parts:                  δ = mean₂ − mean₁,   mean = mean₁ + δ · n₂ / n,   m2 = m2₁ + m2₂ + δ² · n₁ · n₂ / n   (Chan's rule)
//
// Means are told as their way from `origin` = x[first row of the slice, c]: where the values are large beside their spread, no digits are lost on their size.
//
// One read of the data. A workgroup owns COLUMNS channels beside each other over a slice of the rows; the 64 / COLUMNS invocations of a channel take its
// rows in turn, and join what they found by halves. `batch_norm_merge.wgsl` joins the slices, by the same rule and in a fixed order. Of one slice
// there is nothing to join: m2 then gets what that would make of it, 1 / √(m2 / rows + eps), and the running statistics move on here.
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
alias E = f32;  // as which x is stored: f16 in half precision

override COLUMNS: u32 = 1;  // beside each other in a workgroup: a power of two

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
  eps: f32,
  momentum: f32,
}

@group(0) @binding(0) var<storage, read> x: array<E>;           // [rows, C]
@group(0) @binding(1) var<storage, read_write> mean: array<T>;  // [slices, C]
@group(0) @binding(2) var<storage, read_write> m2: array<T>;    // [slices, C]
@group(0) @binding(3) var<storage, read_write> running_mean: array<T>;  // [C]
@group(0) @binding(4) var<storage, read_write> running_var: array<T>;   // [C]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> means: array<T, 64>;
var<workgroup> squares: array<T, 64>;

// Rows of a slice that invocations l ≡ lane (mod step) of its `lanes` take.
fn joined_rows(lane: u32, step: u32, rows: u32, lanes: u32) -> f32 {
  return f32((rows / lanes) * (lanes / step) + min(lanes / step, (rows % lanes + step - 1u - lane) / step));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let lanes = 64u / COLUMNS;
  let lane = invocation / COLUMNS;
  let column = group.x * COLUMNS + invocation % COLUMNS;
  let own = min(column, params.columns - 1u);
  let first = group.y * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let rows = end - first;
  let origin = T(x[first * params.columns + own]);
  let shift = T(x[min(first + lane, end - 1u) * params.columns + own]);
  var sum = T(0.0);
  var square = T(0.0);
  for (var row = first + lane; row < end; row += lanes) {
    let d = T(x[row * params.columns + own]) - shift;
    sum += d;
    square += d * d;
  }
  let count = joined_rows(lane, lanes, rows, lanes);
  let rounded = square - sum * sum / max(count, 1.0);
  means[invocation] = shift - origin + sum / max(count, 1.0);
  // Rounding may leave less than nothing. Written so that NaN stays NaN, which max() may lose.
  squares[invocation] = select(rounded, T(0.0), rounded < T(0.0));
  workgroupBarrier();

  // Halves are joined until one is left, so that the order is fixed and few roundings meet each sum.
  for (var half = lanes / 2u; half > 0u; half /= 2u) {
    // What an invocation has joined by now: its own rows, and those of every 2·half-th one behind it.
    if (lane < half) {
      let other = invocation + half * COLUMNS;
      let own_rows = joined_rows(lane, 2u * half, rows, lanes);
      let more = joined_rows(lane + half, 2u * half, rows, lanes);
      let both = max(own_rows + more, 1.0);
      let delta = means[other] - means[invocation];
      means[invocation] += delta * (more / both);
      squares[invocation] += squares[other] + delta * delta * (own_rows * more / both);
    }
    workgroupBarrier();
  }
  if (lane > 0u || column >= params.columns) { return; }
  let center = origin + means[invocation];
  let deviations = squares[invocation];
  let i = group.y * params.columns + column;
  mean[i] = center;
  if (params.slices > 1u) {
    m2[i] = deviations;
  } else {
    m2[i] = 1.0 / sqrt(deviations / f32(rows) + params.eps);
    running_mean[i] += params.momentum * (center - running_mean[i]);
    running_var[i] += params.momentum * (deviations / f32(rows - 1u) - running_var[i]);
  }
}
