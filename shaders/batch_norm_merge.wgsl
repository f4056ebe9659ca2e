// Statistics of batch normalisation, second half: joins the slices and moves the running statistics on.
//
//   mean, m2 of all rows by Chan's rule, slice after slice:
//     δ = mean_s − mean,  mean += δ · n_s / n,  m2 += m2_s + δ² · n_before · n_s / n
//   invstd[c] = 1 / √(m2 / rows + eps)
//   running_mean += momentum · (mean − running_mean),  running_var += momentum · (m2 / (rows − 1) − running_var)
//
// Source of the rule: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
// Dispatch: grid of C invocations, 64 to a workgroup

struct Params {
  rows: u32,        // N·H·W
  columns: u32,     // C
  slice_rows: u32,
  slices: u32,
  eps: f32,
  momentum: f32,
}

@group(0) @binding(0) var<storage, read> slice_mean: array<f32>;          // [slices, C]
@group(0) @binding(1) var<storage, read> slice_m2: array<f32>;            // [slices, C]
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;          // [C]
@group(0) @binding(3) var<storage, read_write> invstd: array<f32>;        // [C]
@group(0) @binding(4) var<storage, read_write> running_mean: array<f32>;  // [C]
@group(0) @binding(5) var<storage, read_write> running_var: array<f32>;   // [C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let c = id.y * groups.x * 64u + id.x;
  if (c >= params.columns) { return; }
  var total = slice_mean[c];
  var m2 = slice_m2[c];
  var count = f32(min(params.slice_rows, params.rows));
  for (var s = 1u; s < params.slices; s++) {
    let rows = f32(min(params.slice_rows, params.rows - s * params.slice_rows));
    let delta = slice_mean[s * params.columns + c] - total;
    let joined = count + rows;
    total += delta * (rows / joined);
    m2 += slice_m2[s * params.columns + c] + delta * delta * (count * rows / joined);
    count = joined;
  }
  mean[c] = total;
  invstd[c] = 1.0 / sqrt(m2 / f32(params.rows) + params.eps);
  running_mean[c] += params.momentum * (total - running_mean[c]);
  running_var[c] += params.momentum * (m2 / f32(params.rows - 1u) - running_var[c]);
}
