// Backward pass of batch normalisation, second read: the gradient with respect to the input.
//
//   training:    dx = weight · invstd · (g − sum_dy / rows − xhat · sum_dy_xhat / rows),   xhat = (x − mean) · invstd
//   evaluation:  dx = weight · invstd · g
//     where g = dy · f'((x − mean) · invstd · weight + bias), f the activation, see `batch_norm_apply.wgsl`
//
// An invocation owns a run of rows of one column, so that it reads what belongs to the channel once.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of ceil(rows / run)·C invocations, 256 to a workgroup

alias T = f32;
alias E = f32;  // as which dy, x and dx are stored: f16 in half precision

const NONE = 0u;
const RELU = 1u;
const SILU = 2u;
const GELU = 3u;
const LEAKY_RELU = 4u;
override ACTIVATION: u32 = NONE;

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C
  run: u32,
  span: u32,     // from one sum to the next
  scale: f32,    // 1 / rows in training, 0 in evaluation
  slope: f32,    // of LEAKY_RELU below 0
}

@group(0) @binding(0) var<storage, read> dy: array<E>;        // [rows, C]
@group(0) @binding(1) var<storage, read> x: array<E>;         // [rows, C]
@group(0) @binding(2) var<storage, read> mean: array<T>;      // [C]
@group(0) @binding(3) var<storage, read> invstd: array<T>;    // [C]
@group(0) @binding(4) var<storage, read> weight: array<T>;    // [C]
@group(0) @binding(5) var<storage, read> bias: array<T>;      // [C]
@group(0) @binding(6) var<storage, read> sums: array<T>;      // [2, span]: sum_dy, sum_dy_xhat
@group(0) @binding(7) var<storage, read_write> dx: array<E>;  // [rows, C]
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

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let first = i / params.columns * params.run;
  if (first >= params.rows) { return; }
  let c = i % params.columns;
  let center = mean[c];
  let factor = invstd[c] * weight[c];
  let offset = bias[c];
  let mean_dy = params.scale * sums[c];
  let slope = params.scale * invstd[c] * sums[params.span + c];
  let end = min(first + params.run, params.rows);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + c;
    let centred = T(x[at]) - center;
    let g = through(T(dy[at]), centred * factor + offset);
    dx[at] = E(factor * (g - mean_dy - centred * slope));
  }
}
