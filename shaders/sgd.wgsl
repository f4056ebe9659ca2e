// One step of stochastic gradient descent with momentum, as PyTorch defines it (dampening 0).
//
//   g = grad + decay · p
//   v = momentum · v + g,  or g in the first step
//   p = p − lr · (nesterov ? g + momentum · v : v)
//
// Without momentum v is not kept: its binding is neither read nor written and may be of any length.
// Under dynamic loss scaling (`loss_scale.wgsl`) a step whose gradients are not finite is not done, and does not count as one.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup

struct Params {
  vectors: u32,  // ceil(count / 4)
  lr: f32,
  momentum: f32, // 0: v is not kept
  decay: f32,
  nesterov: u32,
  first: u32,    // 1 in the first step: v holds nothing yet
  scaled: u32,   // 1: under dynamic loss scaling
  steps: u32,    // steps before this one, skipped ones included
}

// Places in the state of `loss_scale.wgsl`.
const SKIPPED = 1u;
const SKIPS = 3u;

@group(0) @binding(0) var<storage, read> grad: array<vec4f>;            // [count]
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>; // [count]
@group(0) @binding(2) var<storage, read_write> velocity: array<vec4f>;  // [count]
@group(0) @binding(3) var<storage, read> scaling: array<f32>;           // [4], anything where scaled = 0
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
  let p = parameter[i];
  let g = grad[i] + params.decay * p;
  var v = g;
  if (params.momentum > 0.0) {
    if (select(params.first == 0u, steps_done() > 0u, is_scaled)) { v = params.momentum * velocity[i] + g; }
    velocity[i] = v;
  }
  parameter[i] = p - params.lr * select(v, g + params.momentum * v, params.nesterov != 0u);
}
