// Negative log likelihood of labels.
//
//   loss[r] = −weight[label[r]] · x[r, label[r]],   row_weight[r] = weight[label[r]]
//
// Both are 0 where the label is the ignored one. Another label that is no class gives NaN, never a read outside the row.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
  has_weight: u32,   // 0: all classes weigh 1
  has_ignored: u32,  // whether there is a label that stands for no class
  ignored: u32,      // that label
}

@group(0) @binding(0) var<storage, read> x: array<f32>;                 // [rows, classes]: logarithms of probabilities
@group(0) @binding(1) var<storage, read> labels: array<u32>;            // [rows]
@group(0) @binding(2) var<storage, read> weight: array<f32>;            // [classes], not read where has_weight is 0
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;        // [rows]
@group(0) @binding(4) var<storage, read_write> row_weight: array<f32>;  // [rows]
@group(1) @binding(0) var<uniform> params: Params;

// The value where it is valid, else NaN.
fn or_nan(value: f32, valid: bool) -> f32 { return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), valid)); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let label = labels[row];
  if (params.has_ignored != 0u && label == params.ignored) {
    loss[row] = 0.0;
    row_weight[row] = 0.0;
    return;
  }
  let known = label < params.classes;
  let place = select(0u, label, known);
  var own = 1.0;
  if (params.has_weight != 0u) { own = weight[place]; }
  loss[row] = or_nan(-own * x[row * params.classes + place], known);
  row_weight[row] = or_nan(own, known);
}
