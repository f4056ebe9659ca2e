// One step of Adam, as PyTorch defines it.
//
//   g = grad + decay · p                                   (L2; where decoupled, p shrinks by lr · decay instead: AdamW)
//   m = β1 · m + (1 − β1) · g,  v = β2 · v + (1 − β2) · g²  (both 0 before the first step)
//   p = p − lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + eps)
//
// step_size = lr / (1 − β1^t) and root = √(1 − β2^t) come from the host, which knows t.
// Source: Kingma, Ba, "Adam", ICLR 2015; decoupled: Loshchilov, Hutter, ICLR 2019.
// Dispatch: grid of ceil(count / 4) invocations, 256 to a workgroup
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check adam

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
}

@group(0) @binding(0) var<storage, read> grad: array<vec4f>;             // [count]
@group(0) @binding(1) var<storage, read_write> parameter: array<vec4f>;  // [count]
@group(0) @binding(2) var<storage, read_write> moment1: array<vec4f>;    // [count]
@group(0) @binding(3) var<storage, read_write> moment2: array<vec4f>;    // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.vectors) { return; }
  let p = parameter[i] * params.shrink;
  // TODO 1: the gradient with the L2 decay.
  let g = grad[i];
  // TODO 2: the new moments: rest1 (which is 1 − β1) of g and rest2 of g², and, but for the first step, beta1 and beta2 of the old moments.
  var m = g;
  var v = g;
  moment1[i] = m;
  moment2[i] = v;
  // TODO 3: the step.
  parameter[i] = p - params.step_size * m;
}
