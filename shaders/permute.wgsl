// An array seen through other strides: its dimensions in another order.
//
//   y[i₀, …, i₅] = x[Σ iₖ · x_k]
//
// Dispatch: grid of count invocations, 256 to a workgroup

struct Params {
  count: u32,    // of y
  size_1: u32,   // y is [·, size_1, … size_5]
  size_2: u32,
  size_3: u32,
  size_4: u32,
  size_5: u32,
  x_0: u32,      // elements from one index of a dimension to the next
  x_1: u32,
  x_2: u32,
  x_3: u32,
  x_4: u32,
  x_5: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
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
  let at_x = i0 * params.x_0 + i1 * params.x_1 + i2 * params.x_2
    + i3 * params.x_3 + i4 * params.x_4 + i5 * params.x_5;
  y[i] = x[at_x];
}
