// A function of one number, element by element.
//
//   y[i] = f(x[i])
//
//   EXP  e^v          LOG    ln v           SQRT   √v                       ABS        |v|
//   TANH tanh v       CLAMP  v, but at least `first` and then at most `second`   POWER  v^first
//   GELU_TANH  ½ · v · (1 + tanh(√(2/π) · (v + 0.044715 · v³))), which is v · σ(2 · √(2/π) · (v + 0.044715 · v³))
//
// NaN stays NaN (but for v⁰ = 1), though some drivers' exp loses it.
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

const EXP = 0u;
const LOG = 1u;
const SQRT = 2u;
const ABS = 3u;
const TANH = 4u;
const CLAMP = 5u;
const POWER = 6u;
const GELU_TANH = 7u;
override OP: u32 = EXP;

struct Params {
  vectors: u32,  // ceil(count / 4)
  first: f32,    // least value, or exponent
  second: f32,   // largest value
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

// The value where it is valid, else NaN.
fn or_nan(value: f32, valid: bool) -> f32 { return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), valid)); }

// ln v: −∞ at 0, NaN below, where drivers differ.
fn logarithm(v: f32) -> f32 {
  let value = bitcast<f32>(select(bitcast<u32>(log(v)), 0xff800000u, v == 0.0));
  return or_nan(value, v >= 0.0);
}

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

// By e^(−2·|v|), which does not overflow. Near 0 its difference from 1 would be rounding, and the series is exact to float32.
fn hyperbolic_tangent(v: f32) -> f32 {
  let q = v * v;
  let series = v * (1.0 + q * (-1.0 / 3.0 + q * (2.0 / 15.0 + q * (-17.0 / 315.0 + q * (62.0 / 2835.0)))));
  let e = exp(-2.0 * abs(v));
  let far = (1.0 - e) / (1.0 + e);
  return select(select(far, -far, v < 0.0), series, q < 0.0625);
}

fn f(v: f32) -> f32 {
  switch (OP) {
    case EXP: { return select(exp(v), v, is_nan(v)); }
    case LOG: { return logarithm(v); }
    case SQRT: { return or_nan(sqrt(v), v >= 0.0); }
    case ABS: { return abs(v); }
    case TANH: { return select(hyperbolic_tangent(v), v, is_nan(v)); }
    case CLAMP: {
      // Written so that NaN stays NaN, which clamp() may lose.
      let raised = select(v, params.first, v < params.first);
      return select(raised, params.second, raised > params.second);
    }
    case POWER: { return power(v, params.first); }
    case GELU_TANH: { return v * sigmoid(1.5957691 * (v + 0.044715 * v * v * v)); }
    default: { return 0.0; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let v = x[i];
  y[i] = vec4f(f(v.x), f(v.y), f(v.z), f(v.w));
}
