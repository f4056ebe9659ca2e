// Triplet loss of each sample of a batch with its hardest partners: the farthest of its class and the nearest of another.
//
//   loss[i] = max(0, margin + max over p of y[i, p] − min over n of y[i, n]),  label[p] = label[i], p ≠ i,  label[n] ≠ label[i]
//
// Of equal distances the first counts. A sample that lacks either partner has a loss of 0.
// One invocation owns a sample.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  margin: f32,
}

@group(0) @binding(0) var<storage, read> y: array<f32>;               // [rows, rows], distances
@group(0) @binding(1) var<storage, read> labels: array<u32>;          // [rows]
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;      // [rows]
@group(0) @binding(3) var<storage, read_write> partners: array<u32>;  // [rows, 2]: p and n; both i where the loss is 0
@group(1) @binding(0) var<uniform> params: Params;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows) { return; }
  var positive = i;
  var negative = i;
  var farthest = 0.0;
  var nearest = 0.0;
  for (var j = 0u; j < params.rows; j++) {
    let distance = y[i * params.rows + j];
    if (labels[j] != labels[i]) {
      if (negative == i || is_nan(distance) || (distance < nearest && !is_nan(nearest))) {
        negative = j;
        nearest = distance;
      }
    } else if (j != i && (positive == i || is_nan(distance) || (distance > farthest && !is_nan(farthest)))) {
      positive = j;
      farthest = distance;
    }
  }
  let excess = params.margin + farthest - nearest;
  // Written so that a NaN among the distances is handed on.
  let counts = positive != i && negative != i && !(excess <= 0.0);
  loss[i] = select(0.0, excess, counts);
  partners[2u * i] = select(i, positive, counts);
  partners[2u * i + 1u] = select(i, negative, counts);
}
