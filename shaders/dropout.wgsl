// Dropout, and its gradient: the same mask times the same factor.
//
//   y[i] = x[i] · factor where uniform(i) ≥ p, else 0
//
// The four numbers of an aligned vec4 i/4 are Philox's for the counter (i/4, offset, 0, 1), taken as 24-bit fractions. The mask is
// not stored: whoever needs it again draws it again.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  vectors: u32,  // ceil(count / 4)
  p: f32,
  factor: f32,   // 1 / (1 − p), or 0 where p = 1
  seed_low: u32,
  seed_high: u32,
  offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;        // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<E>>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

// Philox4x32-10 (Salmon et al., SC 2011), as in src/runtime/philox.ts: four random u32 for each counter and key.
fn mul_high(a: u32, b: u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let carried = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (carried >> 16u);
}

fn philox(start: vec4u, first_key: vec2u) -> vec4u {
  var counter = start;
  var key = first_key;
  for (var round = 0u; round < 10u; round++) {
    counter = vec4u(
      mul_high(0xcd9e8d57u, counter.z) ^ counter.y ^ key.x,
      0xcd9e8d57u * counter.z,
      mul_high(0xd2511f53u, counter.x) ^ counter.w ^ key.y,
      0xd2511f53u * counter.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

fn is_nan(value: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(value) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let words = philox(vec4u(i, params.offset, 0u, 1u), vec2u(params.seed_low, params.seed_high));
  let uniform = vec4f(words >> vec4u(8u)) * 0x1p-24f;
  // A NaN stays, kept or not, as 0 · NaN is one.
  y[i] = vec4<E>(select(vec4f(0.0), vec4f(x[i]) * params.factor, (uniform >= vec4f(params.p)) | is_nan(vec4f(x[i]))));
}
