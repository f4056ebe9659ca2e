// Supervised contrastive loss of each sample of a batch, from the similarities of all pairs.
//
//   z[i, j] = x[i, j] · sharpness
//   log_sum[i] = log Σ over j ≠ i of exp(z[i, j])
//   loss[i] = log_sum[i] − mean over p of z[i, p],  label[p] = label[i], p ≠ i
//
// A sample that is alone of its class in the batch has a loss of 0. One invocation owns a sample.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  sharpness: f32,  // 1 / temperature
}

@group(0) @binding(0) var<storage, read> x: array<f32>;           // [rows, rows], similarities
@group(0) @binding(1) var<storage, read> labels: array<u32>;      // [rows]
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;  // [rows]
@group(0) @binding(3) var<storage, read_write> kept: array<f32>;  // [rows, 2]: log_sum, 1 / number of p (0 where there is none)
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows) { return; }
  let first = i * params.rows;
  var largest = -3e38;
  for (var j = 0u; j < params.rows; j++) {
    if (j != i) { largest = max(largest, x[first + j] * params.sharpness); }
  }
  var sum = 0.0;
  var positives = 0.0;
  var below = 0.0;  // Σ over p of largest − z[i, p]
  for (var j = 0u; j < params.rows; j++) {
    if (j == i) { continue; }
    let z = x[first + j] * params.sharpness - largest;
    sum += exp(z);
    if (labels[j] == labels[i]) {
      positives += 1.0;
      below -= z;
    }
  }
  loss[i] = 0.0;
  kept[2u * i] = 0.0;
  kept[2u * i + 1u] = 0.0;
  if (positives > 0.0) {
    loss[i] = log(sum) + below / positives;
    kept[2u * i] = largest + log(sum);
    kept[2u * i + 1u] = 1.0 / positives;
  }
}
