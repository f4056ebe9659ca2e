// A function of two numbers, element by element, each of the arrays repeated over the dimensions that it lacks.
//
//   y[i₀, …, i₅] = f(a[Σ iₖ · a_k], b[Σ iₖ · b_k])
//
//   ADD SUB MUL DIV  p + q, p − q, p · q, p / q       MAXIMUM MINIMUM  NaN where p or q is       POWER  p^q
//   GREATER GREATER_EQUAL LESS LESS_EQUAL EQUAL NOT_EQUAL  1 where the comparison holds, else 0; with NaN none holds but ≠
//   WHERE_NONZERO  q where p ≠ 0, else 0              WHERE_ZERO  q where p = 0, else 0
//
// Dispatch: grid of count invocations, 256 to a workgroup

const ADD = 0u;
const SUB = 1u;
const MUL = 2u;
const DIV = 3u;
const MAXIMUM = 4u;
const MINIMUM = 5u;
const POWER = 6u;
const GREATER = 7u;
const GREATER_EQUAL = 8u;
const LESS = 9u;
const LESS_EQUAL = 10u;
const EQUAL = 11u;
const NOT_EQUAL = 12u;
const WHERE_NONZERO = 13u;
const WHERE_ZERO = 14u;
override OP: u32 = ADD;

struct Params {
  count: u32,    // of y
  size_1: u32,   // y is [·, size_1, … size_5]
  size_2: u32,
  size_3: u32,
  size_4: u32,
  size_5: u32,
  a_0: u32,      // elements from one index of a dimension to the next; 0 where a repeats
  a_1: u32,
  a_2: u32,
  a_3: u32,
  a_4: u32,
  a_5: u32,
  b_0: u32,      // elements from one index of a dimension to the next; 0 where b repeats
  b_1: u32,
  b_2: u32,
  b_3: u32,
  b_4: u32,
  b_5: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

// The larger one, and NaN where either is: max and exp lose it on some drivers.
fn larger(a: f32, b: f32) -> f32 { return select(a, b, b > a || is_nan(b)); }

fn smaller(a: f32, b: f32) -> f32 { return select(a, b, b < a || is_nan(b)); }

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

fn f(p: f32, q: f32) -> f32 {
  switch (OP) {
    case ADD: { return p + q; }
    case SUB: { return p - q; }
    case MUL: { return p * q; }
    case DIV: { return p / q; }
    case MAXIMUM: { return larger(p, q); }
    case MINIMUM: { return smaller(p, q); }
    case POWER: { return power(p, q); }
    case GREATER: { return select(0.0, 1.0, p > q); }
    case GREATER_EQUAL: { return select(0.0, 1.0, p >= q); }
    case LESS: { return select(0.0, 1.0, p < q); }
    case LESS_EQUAL: { return select(0.0, 1.0, p <= q); }
    case EQUAL: { return select(0.0, 1.0, p == q); }
    case NOT_EQUAL: { return select(1.0, 0.0, p == q); }
    case WHERE_NONZERO: { return select(q, 0.0, p == 0.0); }
    case WHERE_ZERO: { return select(0.0, q, p == 0.0); }
    default: { return 0.0; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  // Where the element of each array lies. One dimension takes no divisions.
  var at = i * vec2u(params.a_5, params.b_5);
  if (params.size_5 < params.count) {
    let i5 = i % params.size_5;
    let above_5 = i / params.size_5;
    let i4 = above_5 % params.size_4;
    let above_4 = above_5 / params.size_4;
    let i3 = above_4 % params.size_3;
    let above_3 = above_4 / params.size_3;
    let i2 = above_3 % params.size_2;
    let above_2 = above_3 / params.size_2;
    let i1 = above_2 % params.size_1;
    let i0 = above_2 / params.size_1;
    at = i0 * vec2u(params.a_0, params.b_0)
      + i1 * vec2u(params.a_1, params.b_1)
      + i2 * vec2u(params.a_2, params.b_2)
      + i3 * vec2u(params.a_3, params.b_3)
      + i4 * vec2u(params.a_4, params.b_4)
      + i5 * vec2u(params.a_5, params.b_5);
  }
  y[i] = f(a[at.x], b[at.y]);
}
