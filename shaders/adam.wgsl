// One step of Adam, as PyTorch defines it.
//
//   g = grad + decay · p                                   (L2; where decoupled, p shrinks by lr · decay instead: AdamW)
//   m = β1 · m + (1 − β1) · g,  v = β2 · v + (1 − β2) · g²  (both 0 before the first step)
//   p = p − lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + eps)
//
// step_size = lr / (1 − β1^t) and root = √(1 − β2^t) come from the host, which knows t.
// Under dynamic loss scaling (`loss_scale.wgsl`) a step whose gradients are not finite is not done, and does not count as one. It then takes the two from lr and the
// number of steps done, which the device alone knows.
// Source: Kingma, Ba, "Adam", ICLR 2015; decoupled: Loshchilov, Hutter, ICLR 2019.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,    // ceil(count / 4)
  step_size: f32,
  root: f32,
  beta1: f32,
  rest1: f32,      // 1 − β1, rounded once on the host
  beta2: f32,
  rest2: f32,
  eps: f32,
  decay: f32,      // L2
  shrink: f32,     // 1 − lr · decay where decoupled, else 1
  first: u32,      // 1 in the first step: m and v hold nothing yet
  lr: f32,         // read where scaled = 1
  scaled: u32,     // 1: under dynamic loss scaling
  steps: u32,      // steps before this one, skipped ones included
}

// Places in the state of `loss_scale.wgsl`.
const SKIPPED = 1u;
const SKIPS = 3u;

@group(0) @binding(0) var<storage, read> grad: array<vec4f>;             // [count]
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>;  // [count]
@group(0) @binding(2) var<storage, read_write> moment1: array<vec4f>;    // [count]
@group(0) @binding(3) var<storage, read_write> moment2: array<vec4f>;    // [count]
@group(0) @binding(4) var<storage, read> scaling: array<f32>;            // [4], anything where scaled = 0
@group(1) @binding(0) var<uniform> params: Params;

// Steps done before this one. Never below 0, though a parameter may have joined after a step was skipped.
fn steps_done() -> u32 {
  return params.steps - min(params.steps, u32(scaling[SKIPPED]));
}

// 1 − (1 − rest)^steps by squaring, without the cancellation of a power near 1: 1 − ab = (1 − a) + (1 − b) − (1 − a)(1 − b).
fn grown(rest: f32, steps: u32) -> f32 {
  var result = 0.0;
  var factor = rest;
  for (var left = steps; left > 0u; left /= 2u) {
    if (left % 2u == 1u) { result += factor - result * factor; }
    factor = factor * (2.0 - factor);
  }
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  var step_size = params.step_size;
  var root = params.root;
  var is_first = params.first != 0u;
  if (params.scaled != 0u) {
    if (scaling[SKIPS] != 0.0) { return; }
    let done = steps_done();
    step_size = params.lr / grown(params.rest1, done + 1u);
    root = sqrt(grown(params.rest2, done + 1u));
    is_first = done == 0u;
  }
  let p = parameter[i] * params.shrink;
  let g = grad[i] + params.decay * p;
  var m = params.rest1 * g;
  var v = params.rest2 * g * g;
  if (!is_first) {
    m += params.beta1 * moment1[i];
    v += params.beta2 * moment2[i];
  }
  moment1[i] = m;
  moment2[i] = v;
  parameter[i] = p - step_size * m / (sqrt(v) / root + params.eps);
}
