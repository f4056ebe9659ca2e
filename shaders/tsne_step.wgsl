// One step of t-SNE's gradient descent, with momentum and a gain for each coordinate.
//
//   Z = Σ over i of weight_i
//   gradient_i = 4 · (exaggeration · attraction_i − repulsion_i / Z)
//   gain = max(0.01, gain + 0.2 where the velocity points down the gradient, else 0.8 · gain)   (1 before the first step)
//   velocity = momentum · velocity − lr · gain · gradient                                       (0 before the first step)
//   y = y + velocity
//
// Each invocation owns one point. Every workgroup adds up Z for itself, in the same order. `forces` is what `tsne_forces` made.
//
// Source: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008; gains: Jacobs, "Increased rates of convergence through
// learning rate adaptation", Neural Networks 1, 1988; constants as scikit-learn has them.
// Dispatch: grid of points invocations, 256 to a workgroup

struct Params {
  points: u32,
  stride: u32,    // ceil(points / 4) · 4
  slices: u32,
  first: u32,     // 1 in the first step: gains and velocity hold nothing yet
  exaggeration: f32,
  momentum: f32,
  lr: f32,
}

@group(0) @binding(0) var<storage, read> forces: array<f32>;           // [slices, 5, stride]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;          // [2, stride]
@group(0) @binding(2) var<storage, read_write> velocity: array<f32>;   // [2, stride]
@group(0) @binding(3) var<storage, read_write> gain: array<f32>;       // [2, stride]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> partial: array<f32, 256>;

@compute @workgroup_size(256)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  var sum = 0.0;
  for (var slice = 0u; slice < params.slices; slice++) {
    let first = (slice * 5u + 4u) * params.stride;
    for (var i = invocation; i < params.points; i += 256u) { sum += forces[first + i]; }
  }
  partial[invocation] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (invocation < half) { partial[invocation] += partial[invocation + half]; }
  }
  workgroupBarrier();
  let z = partial[0];

  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.points) { return; }
  for (var axis = 0u; axis < 2u; axis++) {
    var attraction = 0.0;
    var repulsion = 0.0;
    for (var slice = 0u; slice < params.slices; slice++) {
      let first = (slice * 5u + axis) * params.stride + i;
      attraction += forces[first];
      repulsion += forces[first + 2u * params.stride];
    }
    let gradient = 4.0 * (params.exaggeration * attraction - repulsion / z);
    let at = axis * params.stride + i;
    var v = 0.0;
    var g = 1.0;
    if (params.first == 0u) {
      v = velocity[at];
      g = gain[at];
    }
    g = max(0.01, select(0.8 * g, g + 0.2, v * gradient < 0.0));
    v = params.momentum * v - params.lr * g * gradient;
    gain[at] = g;
    velocity[at] = v;
    y[at] += v;
  }
}
