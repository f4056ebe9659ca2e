// Mean of values, each as heavy as its weight.
//
//   mean = Σ x[i] / Σ weight[i],   inverse = 1 / Σ weight[i]
//
// x holds what is already multiplied by the weights. One workgroup; each invocation adds every 64th value, and the first adds their sums in
// order, so the result is the same bit for bit on every run.
// Dispatch: [1, 1, 1]

struct Params {
  count: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;              // [count]
@group(0) @binding(1) var<storage, read> weight: array<f32>;         // [count]
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;     // [1]
@group(0) @binding(3) var<storage, read_write> inverse: array<f32>;  // [1]: what the gradient of the mean is multiplied by
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> parts: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) invocation: u32) {
  var part = vec2f();
  for (var i = invocation; i < params.count; i += 64u) { part += vec2f(x[i], weight[i]); }
  parts[invocation] = part;
  workgroupBarrier();
  if (invocation != 0u) { return; }
  var sum = vec2f();
  for (var i = 0u; i < 64u; i++) { sum += parts[i]; }
  mean[0] = sum.x / sum.y;
  inverse[0] = 1.0 / sum.y;
}
