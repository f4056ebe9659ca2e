// Gaussian error linear unit, the exact form by the error function.
//
//   y[i] = x[i] · Φ(x[i]),   Φ(v) = ½ · (1 + erf(v / √2))
//
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,  // ceil(count / 4)
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [count]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

// ½ · erfc(|v| / √2), the normal distribution's mass beyond |v|, given the density's exponential e^(−v² / 2).
// Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26, which states erf within 1.5e-7 (so this is within 0.75e-7).
fn tail(v: vec4f, bell: vec4f) -> vec4f {
  let t = 1.0 / (1.0 + 0.3275911 * 0.70710678 * abs(v));
  let sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * sum * bell;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let value = x[i];
  let beyond = tail(value, exp(-0.5 * value * value));
  y[i] = value * select(1.0 - beyond, beyond, value < vec4f(0.0));
}
