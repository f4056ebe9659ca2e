// Batch normalisation, and the activation behind it where there is one.
//
//   y[r, c] = f((x[r, c] − mean[c]) · invstd[c] · weight[c] + bias[c])
//
//   NONE  v      RELU  max(v, 0)      SILU  v · σ(v)      GELU  v · Φ(v)      LEAKY_RELU  v where v > 0, else slope · v
//
// An invocation owns a run of rows of one column, so that it reads what belongs to the channel once.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of ceil(rows / run)·C invocations, 256 to a workgroup

alias T = f32;
alias E = f32;  // as which x and y are stored: f16 in half precision

const NONE = 0u;
const RELU = 1u;
const SILU = 2u;
const GELU = 3u;
const LEAKY_RELU = 4u;
override ACTIVATION: u32 = NONE;

// What `spread` holds: 1 / √(variance + eps), or, in evaluation, the running variance.
const INVSTD = 0u;
const VARIANCE = 1u;
override SPREAD: u32 = INVSTD;

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C
  run: u32,
  slope: f32,    // of LEAKY_RELU below 0
  eps: f32,      // of VARIANCE
}

@group(0) @binding(0) var<storage, read> x: array<E>;        // [rows, C]
@group(0) @binding(1) var<storage, read> mean: array<T>;     // [C]
@group(0) @binding(2) var<storage, read> spread: array<T>;   // [C]
@group(0) @binding(3) var<storage, read> weight: array<T>;   // [C]
@group(0) @binding(4) var<storage, read> bias: array<T>;     // [C]
@group(0) @binding(5) var<storage, read_write> y: array<E>;  // [rows, C]
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

fn activated(v: T) -> T {
  switch (ACTIVATION) {
    // Written so that NaN stays NaN, which max() may lose.
    case RELU: { return select(v, T(0.0), v < T(0.0)); }
    case SILU: { return v * sigmoid(v); }
    case GELU: {
      let beyond = tail(v, exp(-0.5 * v * v));
      return v * select(1.0 - beyond, beyond, v < T(0.0));
    }
    case LEAKY_RELU: { return select(params.slope * v, v, v > T(0.0)); }
    default: { return v; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let first = i / params.columns * params.run;
  if (first >= params.rows) { return; }
  let c = i % params.columns;
  let center = mean[c];
  var invstd = spread[c];
  if (SPREAD == VARIANCE) { invstd = 1.0 / sqrt(invstd + params.eps); }
  let factor = invstd * weight[c];
  let offset = bias[c];
  let end = min(first + params.run, params.rows);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + c;
    y[at] = E(activated((T(x[at]) - center) * factor + offset));
  }
}
