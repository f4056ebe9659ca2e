// Gradient of `unary.wgsl`.
//
//   dx[i] = dy[i] · f'(x[i]), from v, which holds the input x or, where that is less work, the output y
//
//   LOG   dy / x                 SQRT   dy / (2 · y)          ABS   dy · sign x, 0 at 0
//   TANH  dy · (1 − y²)          CLAMP  dy where first ≤ x ≤ second, else 0
//   POWER dy · first · x^(first − 1), 0 where first is 0
//   GELU_TANH  dy · (s + x · s · (1 − s) · u'),  s = σ(u),  u = 2 · √(2/π) · (x + 0.044715 · x³)
//
// The gradient of EXP is a product, `mul.wgsl`.
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

const LOG = 1u;
const SQRT = 2u;
const ABS = 3u;
const TANH = 4u;
const CLAMP = 5u;
const POWER = 6u;
const GELU_TANH = 7u;
override OP: u32 = LOG;

struct Params {
  vectors: u32,  // ceil(count / 4)
  first: f32,    // least value, or exponent
  second: f32,   // largest value
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;        // [count]
@group(0) @binding(1) var<storage, read> v: array<vec4f>;         // [count]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

// The value where it is valid, else NaN.
fn or_nan(value: f32, valid: bool) -> f32 { return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), valid)); }

// v^p. Small whole exponents by products, which takes negative v and errs less; others by v^p = 2^(p · log₂ |v|).
fn power(v: f32, p: f32) -> f32 {
  let whole = floor(p) == p;
  if (whole && abs(p) <= 16.0) {
    var result = 1.0;
    var square = v;
    for (var n = u32(abs(p)); n > 0u; n >>= 1u) {
      if ((n & 1u) != 0u) { result *= square; }
      square *= square;
    }
    return select(result, 1.0 / result, p < 0.0);
  }
  if (v == 1.0) { return 1.0; }
  let size = select(exp2(p * log2(abs(v))), 1.0, v == -1.0);
  let at_zero = bitcast<f32>(select(0u, 0x7f800000u, p < 0.0));
  let odd = whole && floor(0.5 * p) != 0.5 * p;
  let signed = select(size, -size, v < 0.0 && odd);
  // −∞ has a size to every power.
  let valid = v >= 0.0 || (v < 0.0 && whole) || v < -3.4028234e38;
  return or_nan(select(signed, at_zero, v == 0.0), valid && !is_nan(p));
}

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: f32) -> f32 {
  let e = exp(-abs(v));
  return select(e, 1.0, v >= 0.0) / (1.0 + e);
}

fn gradient(dy: f32, v: f32) -> f32 {
  switch (OP) {
    case LOG: { return dy / v; }
    case SQRT: { return dy / (2.0 * v); }
    case ABS: { return select(select(0.0, -dy, v < 0.0), dy, v > 0.0); }
    case TANH: { return dy * (1.0 - v * v); }
    case CLAMP: { return select(0.0, dy, params.first <= v && v <= params.second); }
    case POWER: { return select(dy * params.first * power(v, params.first - 1.0), 0.0, params.first == 0.0); }
    case GELU_TANH: {
      let s = sigmoid(1.5957691 * (v + 0.044715 * v * v * v));
      return dy * (s + v * s * (1.0 - s) * 1.5957691 * (1.0 + 0.134145 * v * v));
    }
    default: { return 0.0; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let incoming = dy[i];
  let at = v[i];
  dx[i] = vec4f(
    gradient(incoming.x, at.x),
    gradient(incoming.y, at.y),
    gradient(incoming.z, at.z),
    gradient(incoming.w, at.w),
  );
}
