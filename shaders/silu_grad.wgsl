// Gradient of the sigmoid-weighted linear unit, from its input.
//
//   dx[i] = dy[i] · σ(x[i]) · (1 + x[i] · (1 − σ(x[i]))),   σ(v) = 1 / (1 + e^−v)
//
// Flat over vec4s; what the last one holds past `count` elements is slack.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,  // ceil(count / 4)
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;  // [count]
@group(0) @binding(1) var<storage, read> x: array<vec4f>;  // [count]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

// 1 / (1 + e^−v). The exponent is never positive, so nothing overflows.
fn sigmoid(v: vec4f) -> vec4f {
  let e = exp(-abs(v));
  return select(e, vec4f(1.0), v >= vec4f(0.0)) / (1.0 + e);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let value = x[i];
  let s = sigmoid(value);
  dx[i] = dy[i] * s * (1.0 + value * (1.0 - s));
}
