// A function of three numbers, element by element, each of the arrays repeated over the dimensions that it lacks: a choice by a
// condition, and the gradients of what `binary.wgsl` computes of a pair, before they are summed over what was repeated.
//
//   y[i₀, …, i₅] = f(a[Σ iₖ · a_k], b[Σ iₖ · b_k], c[Σ iₖ · c_k])
//
//   WHERE           q where p ≠ 0, else r
//   DIVISOR_GRAD    −p · q / r²: of q / r with respect to r, p the incoming gradient
//   LARGER_GRAD     p where q > r, p / 2 where q = r, 0 where q < r: of max(q, r) to q, and of min to its r
//   BASE_GRAD       p · r · q^(r − 1), 0 where r = 0: of q^r to q
//   EXPONENT_GRAD   p · q^r · ln q, 0 where q = 0 and r ≥ 0: of q^r to r
//
// Dispatch: grid of count invocations, 256 to a workgroup

const WHERE = 0u;
const DIVISOR_GRAD = 1u;
const LARGER_GRAD = 2u;
const BASE_GRAD = 3u;
const EXPONENT_GRAD = 4u;
override OP: u32 = WHERE;

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
  c_0: u32,      // elements from one index of a dimension to the next; 0 where c repeats
  c_1: u32,
  c_2: u32,
  c_3: u32,
  c_4: u32,
  c_5: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;  // [count]
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

fn f(p: f32, q: f32, r: f32) -> f32 {
  switch (OP) {
    case WHERE: { return select(q, r, p == 0.0); }
    case DIVISOR_GRAD: { return -p * (q / r) / r; }
    case LARGER_GRAD: { return select(select(p, 0.5 * p, q == r), 0.0, q < r); }
    case BASE_GRAD: { return select(p * r * power(q, r - 1.0), 0.0, r == 0.0); }
    case EXPONENT_GRAD: { return select(p * power(q, r) * logarithm(q), 0.0, q == 0.0 && r >= 0.0); }
    default: { return 0.0; }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  // Where the element of each array lies. One dimension takes no divisions.
  var at = i * vec3u(params.a_5, params.b_5, params.c_5);
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
    at = i0 * vec3u(params.a_0, params.b_0, params.c_0)
      + i1 * vec3u(params.a_1, params.b_1, params.c_1)
      + i2 * vec3u(params.a_2, params.b_2, params.c_2)
      + i3 * vec3u(params.a_3, params.b_3, params.c_3)
      + i4 * vec3u(params.a_4, params.b_4, params.c_4)
      + i5 * vec3u(params.a_5, params.b_5, params.c_5);
  }
  y[i] = f(a[at.x], b[at.y], c[at.z]);
}
