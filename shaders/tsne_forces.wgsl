// What draws and drives the points of a t-SNE embedding, in slices.
//
//   w[i, j] = 1 / (1 + |y_i − y_j|²)
//   attraction_i = Σ over j of  p[i, j] · w[i, j] · (y_i − y_j)
//   repulsion_i  = Σ over j of  w[i, j]² · (y_i − y_j)
//   weight_i     = Σ over j ≠ i of  w[i, j]
//
// Each invocation owns four neighbouring points i and the points j ≡ its slice (mod slices), in order, so the result is the same bit for bit
// on every run: the gradient needs nothing of one pair that another pair knows. p is symmetric, so its columns are read as rows.
// A point's own w is 1, which is taken from the weight in slice i mod slices.
//
// Source: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008.
// Dispatch: grid of slices·quads invocations, 64 to a workgroup

struct Params {
  points: u32,
  quads: u32,   // ceil(points / 4)
  slices: u32,
}

@group(0) @binding(0) var<storage, read> p: array<vec4f>;             // [points, quads·4], 0 past the last point
@group(0) @binding(1) var<storage, read> y: array<f32>;               // [2, quads·4], finite past the last point
@group(0) @binding(2) var<storage, read_write> forces: array<vec4f>;  // [slices, 5, quads·4]: attraction, repulsion, weight
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let invocation = id.y * groups.x * 64u + id.x;
  if (invocation >= params.slices * params.quads) { return; }
  let slice = invocation / params.quads;
  let quad = invocation % params.quads;
  let stride = params.quads * 4u;
  let i = quad * 4u;
  let x_i = vec4f(y[i], y[i + 1u], y[i + 2u], y[i + 3u]);
  let y_i = vec4f(y[stride + i], y[stride + i + 1u], y[stride + i + 2u], y[stride + i + 3u]);

  var attraction_x = vec4f();
  var attraction_y = vec4f();
  var repulsion_x = vec4f();
  var repulsion_y = vec4f();
  var weight = vec4f();
  for (var j = slice; j < params.points; j += params.slices) {
    let dx = x_i - y[j];
    let dy = y_i - y[stride + j];
    let w = 1.0 / (1.0 + dx * dx + dy * dy);
    let pull = p[j * params.quads + quad] * w;
    let push = w * w;
    attraction_x += pull * dx;
    attraction_y += pull * dy;
    repulsion_x += push * dx;
    repulsion_y += push * dy;
    weight += w;
  }
  let own = (vec4u(i) + vec4u(0u, 1u, 2u, 3u)) % params.slices == vec4u(slice);
  let first = slice * 5u * params.quads + quad;
  forces[first] = attraction_x;
  forces[first + params.quads] = attraction_y;
  forces[first + 2u * params.quads] = repulsion_x;
  forces[first + 3u * params.quads] = repulsion_y;
  forces[first + 4u * params.quads] = weight - select(vec4f(0.0), vec4f(1.0), own);
}
