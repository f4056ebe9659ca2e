// One step of RMSprop, as PyTorch defines it.
//
//   g = grad + decay · p
//   s = α · s + (1 − α) · g²
//   a = α · a + (1 − α) · g                        (where centred; else 0)
//   b = momentum · b + g / (√(s − a²) + eps)       (s, a and b are 0 before the first step)
//   p = p − lr · b
//
// s − a² is a variance: where rounding takes it below 0 it counts as 0. Where a (not centred) or b (no momentum) is not kept, its binding
// is neither read nor written and may be of any length.
// Source: Tieleman, Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; centred: Graves, arXiv:1308.0850.
// Under dynamic loss scaling (`loss_scale.wgsl`) a step whose gradients are not finite is not done, and does not count as one.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,   // ceil(count / 4)
  lr: f32,
  alpha: f32,
  rest: f32,      // 1 − α, rounded once on the host
  eps: f32,
  decay: f32,
  momentum: f32,  // 0: b is not kept
  centred: u32,   // 0: a is not kept
  first: u32,     // 1 in the first step: s, a and b hold nothing yet
  scaled: u32,    // 1: under dynamic loss scaling
  steps: u32,     // steps before this one, skipped ones included
}

// Places in the state of `loss_scale.wgsl`.
const SKIPPED = 1u;
const SKIPS = 3u;

@group(0) @binding(0) var<storage, read> grad: array<vec4f>;                  // [count]
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>;       // [count]
@group(0) @binding(2) var<storage, read_write> square_average: array<vec4f>;  // s [count]
@group(0) @binding(3) var<storage, read_write> grad_average: array<vec4f>;    // a [count]
@group(0) @binding(4) var<storage, read_write> velocity: array<vec4f>;        // b [count]
@group(0) @binding(5) var<storage, read> scaling: array<f32>;                 // [4], anything where scaled = 0
@group(1) @binding(0) var<uniform> params: Params;

// Steps done before this one. Never below 0, though a parameter may have joined after a step was skipped.
fn steps_done() -> u32 {
  return params.steps - min(params.steps, u32(scaling[SKIPPED]));
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let is_scaled = params.scaled != 0u;
  if (is_scaled && scaling[SKIPS] != 0.0) { return; }
  let holds = select(params.first == 0u, steps_done() > 0u, is_scaled);
  let p = parameter[i];
  let g = grad[i] + params.decay * p;
  var s = params.rest * g * g;
  if (holds) { s += params.alpha * square_average[i]; }
  square_average[i] = s;
  var variance = s;
  if (params.centred != 0u) {
    var a = params.rest * g;
    if (holds) { a += params.alpha * grad_average[i]; }
    grad_average[i] = a;
    // Written so that NaN stays NaN, which max() may lose.
    let difference = s - a * a;
    variance = select(difference, vec4f(), difference < vec4f());
  }
  var b = g / (sqrt(variance) + params.eps);
  if (params.momentum > 0.0) {
    if (holds) { b += params.momentum * velocity[i]; }
    velocity[i] = b;
  }
  parameter[i] = p - params.lr * b;
}
