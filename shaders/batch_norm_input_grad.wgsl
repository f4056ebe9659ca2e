// Backward pass of batch normalisation, second read: the gradient with respect to the input.
//
//   training:    dx = weight · invstd · (g − sum_dy / rows − xhat · sum_dy_xhat / rows),   xhat = (x − mean) · invstd
//   evaluation:  dx = weight · invstd · g
//     where g = dy, or, where relu = 1, dy where y > 0, else 0
//
// An invocation owns a run of rows of one column, so that it reads what belongs to the channel once.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of ceil(rows / run)·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  rows: u32,     // N·H·W
  columns: u32,  // C
  run: u32,
  relu: u32,
  span: u32,     // from one sum to the next
  scale: f32,    // 1 / rows in training, 0 in evaluation
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [rows, C]
@group(0) @binding(1) var<storage, read> x: array<T>;         // [rows, C]
@group(0) @binding(2) var<storage, read> y: array<T>;         // [rows, C], anything where relu = 0
@group(0) @binding(3) var<storage, read> mean: array<T>;      // [C]
@group(0) @binding(4) var<storage, read> invstd: array<T>;    // [C]
@group(0) @binding(5) var<storage, read> weight: array<T>;    // [C]
@group(0) @binding(6) var<storage, read> sums: array<T>;      // [2, span]: sum_dy, sum_dy_xhat
@group(0) @binding(7) var<storage, read_write> dx: array<T>;  // [rows, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let first = i / params.columns * params.run;
  if (first >= params.rows) { return; }
  let c = i % params.columns;
  let center = mean[c];
  let factor = weight[c] * invstd[c];
  let mean_dy = params.scale * sums[c];
  let slope = params.scale * invstd[c] * sums[params.span + c];
  let end = min(first + params.run, params.rows);
  for (var row = first; row < end; row++) {
    let at = row * params.columns + c;
    var g = dy[at];
    // Written so that the gradient passes where y is NaN.
    if (params.relu != 0u) { g = select(g, T(0.0), y[at] <= T(0.0)); }
    dx[at] = factor * (g - mean_dy - (x[at] - center) * slope);
  }
}
