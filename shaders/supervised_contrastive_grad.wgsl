// Gradient of `supervised_contrastive.wgsl` with respect to the similarities.
//
//   dx[i, j] = dloss[i] · factor · sharpness · (exp(z[i, j] − log_sum[i]) − [label[j] = label[i]] / number of p),  j ≠ i
//
// and 0 on the diagonal and in the rows of samples that are alone of their class. dloss has one value a sample, or one for all of them
// (stride 0).
// Dispatch: grid of rows² invocations, 256 to a workgroup

struct Params {
  rows: u32,
  stride: u32,     // of dloss: 1 or 0
  factor: f32,     // 1, or 1 / rows behind a mean
  sharpness: f32,  // 1 / temperature
}

@group(0) @binding(0) var<storage, read> dloss: array<f32>;     // [rows] or [1]
@group(0) @binding(1) var<storage, read> x: array<f32>;         // [rows, rows]
@group(0) @binding(2) var<storage, read> labels: array<u32>;    // [rows]
@group(0) @binding(3) var<storage, read> kept: array<f32>;      // [rows, 2]: log_sum, 1 / number of p
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;  // [rows, rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.rows * params.rows) { return; }
  let i = at / params.rows;
  let j = at % params.rows;
  let share = kept[2u * i + 1u];
  var pull = 0.0;
  if (i != j && share > 0.0) {
    pull = exp(x[at] * params.sharpness - kept[2u * i]) - select(0.0, share, labels[j] == labels[i]);
  }
  dx[at] = pull * dloss[i * params.stride] * params.factor * params.sharpness;
}
