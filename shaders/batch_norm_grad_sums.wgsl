// Backward pass of batch normalisation, first read: the two sums per channel, over one slice of the pixels.
//
//   sum_dy[s, c] = Σ g[r, c],   sum_dy_xhat[s, c] = Σ g[r, c] · (x[r, c] − mean[c]) · invstd[c]
//     where g = dy, or, where relu = 1, dy where y > 0, else 0
//
// `reduce_sum.wgsl` adds the slices in a fixed order; they are dbias and dweight.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of slices·C invocations, 64 to a workgroup

alias T = f32;

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
  relu: u32,
  span: u32,        // from one sum to the next, at least columns; what lies between is not written
}

@group(0) @binding(0) var<storage, read> dy: array<T>;            // [rows, C]
@group(0) @binding(1) var<storage, read> x: array<T>;             // [rows, C]
@group(0) @binding(2) var<storage, read> y: array<T>;             // [rows, C], anything where relu = 0
@group(0) @binding(3) var<storage, read> mean: array<T>;          // [C]
@group(0) @binding(4) var<storage, read> invstd: array<T>;        // [C]
@group(0) @binding(5) var<storage, read_write> sums: array<T>;    // [slices, 2, span]: sum_dy, sum_dy_xhat
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.slices * params.columns) { return; }
  let column = i % params.columns;
  let slice = i / params.columns;
  let first = slice * params.slice_rows;
  let end = min(first + params.slice_rows, params.rows);
  let center = mean[column];
  var sum = T(0.0);
  var product = T(0.0);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + column;
    var g = dy[at];
    // Written so that the gradient passes where y is NaN.
    if (params.relu != 0u) { g = select(g, T(0.0), y[at] <= T(0.0)); }
    sum += g;
    product += g * (x[at] - center);
  }
  sums[slice * 2u * params.span + column] = sum;
  sums[(slice * 2u + 1u) * params.span + column] = product * invstd[column];
}
