// Backward pass of batch normalisation, first read: the two sums per channel, over one slice of the pixels.
//
//   sum_dy[s, c] = Σ g[r, c],   sum_dy_xhat[s, c] = Σ g[r, c] · (x[r, c] − mean[c]) · invstd[c]
//     where g = dy · f'((x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c]), f the activation, see `batch_norm_apply.wgsl`
//
// A workgroup owns COLUMNS channels over a slice, as in `batch_norm_stats.wgsl`. `reduce_sum.wgsl` adds the slices, where there are more than one, in a
// fixed order; they are dbias and dweight.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: [ceil(C / COLUMNS), slices]

alias T = f32;
alias E = f32;  // as which dy and x are stored: f16 in half precision

const NONE = 0u;
const RELU = 1u;
const SILU = 2u;
const GELU = 3u;
const LEAKY_RELU = 4u;
override ACTIVATION: u32 = NONE;

override COLUMNS: u32 = 1;  // beside each other in a workgroup: a power of two

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
  span: u32,        // from one sum to the next, at least columns; what lies between is not written
  slope: f32,       // of LEAKY_RELU below 0
}

@group(0) @binding(0) var<storage, read> dy: array<E>;            // [rows, C]
@group(0) @binding(1) var<storage, read> x: array<E>;             // [rows, C]
@group(0) @binding(2) var<storage, read> mean: array<T>;          // [C]
@group(0) @binding(3) var<storage, read> invstd: array<T>;        // [C]
@group(0) @binding(4) var<storage, read> weight: array<T>;        // [C]
@group(0) @binding(5) var<storage, read> bias: array<T>;          // [C]
@group(0) @binding(6) var<storage, read_write> sums: array<T>;    // [slices, 2, span]: sum_dy, sum_dy_xhat
@group(1) @binding(0) var<uniform> params: Params;

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: T) -> T {
  let e = exp(-abs(v));
  return select(e, T(1.0), v >= T(0.0)) / (1.0 + e);
}

// ½ · erfc(|v| / √2), see `gelu.wgsl`.
fn tail(v: T, bell: T) -> T {
  let t = 1.0 / (1.0 + 0.3275911 * 0.70710678 * abs(v));
  let sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * sum * bell;
}

// dy · f'(v).
fn through(dy: T, v: T) -> T {
  switch (ACTIVATION) {
    // Written so that the gradient passes where v is NaN.
    case RELU: { return select(dy, T(0.0), v <= T(0.0)); }
    case SILU: {
      let s = sigmoid(v);
      return dy * s * (1.0 + v * (1.0 - s));
    }
    case GELU: {
      let bell = exp(-0.5 * v * v);
      let beyond = tail(v, bell);
      return dy * (select(1.0 - beyond, beyond, v < T(0.0)) + v * bell * 0.39894228);
    }
    case LEAKY_RELU: { return select(params.slope * dy, dy, v > T(0.0)); }
    default: { return dy; }
  }
}

var<workgroup> lane_sums: array<T, 64>;
var<workgroup> lane_products: array<T, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let column = group.x * COLUMNS + invocation % COLUMNS;
  let own = min(column, params.columns - 1u);
  let first = group.y * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let center = mean[own];
  let factor = invstd[own] * weight[own];
  let offset = bias[own];
  var sum = T(0.0);
  var product = T(0.0);
  for (var row = first + invocation / COLUMNS; row < end; row += 64u / COLUMNS) {
    let at = row * params.columns + own;
    let centred = T(x[at]) - center;
    let g = through(T(dy[at]), centred * factor + offset);
    sum += g;
    product += g * centred;
  }
  lane_sums[invocation] = sum;
  lane_products[invocation] = product;
  workgroupBarrier();

  // Halves are added until one is left, so that the order is fixed and few roundings meet each sum.
  for (var half = 32u; half >= COLUMNS; half /= 2u) {
    if (invocation < half) {
      lane_sums[invocation] += lane_sums[invocation + half];
      lane_products[invocation] += lane_products[invocation + half];
    }
    workgroupBarrier();
  }
  if (invocation >= COLUMNS || column >= params.columns) { return; }
  sums[group.y * 2u * params.span + column] = lane_sums[invocation];
  sums[(group.y * 2u + 1u) * params.span + column] = lane_products[invocation] * invstd[column];
}
