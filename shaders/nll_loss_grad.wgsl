// Gradient of `nll_loss.wgsl`.
//
//   dx[r, c] = −dloss[r] · factor · weight[c] where c = label[r], else 0
//
// 0 in all of a row whose label is the ignored one, NaN in one whose label is no class. dloss has one value a row, or one for all of them
// (stride 0), as a mean or a sum behind it gives.
// Dispatch: grid of rows·classes invocations, 256 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
  has_weight: u32,   // 0: all classes weigh 1
  has_ignored: u32,  // whether there is a label that stands for no class
  ignored: u32,      // that label
  stride: u32,       // of dloss: 1 or 0
  factor: f32,       // 1, or 1 / rows behind a mean
}

@group(0) @binding(0) var<storage, read> dloss: array<f32>;     // [rows] or [1]
@group(0) @binding(1) var<storage, read> labels: array<u32>;    // [rows]
@group(0) @binding(2) var<storage, read> weight: array<f32>;    // [classes], not read where has_weight is 0
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

// The value where it is valid, else NaN.
fn or_nan(value: f32, valid: bool) -> f32 { return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), valid)); }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.rows * params.classes) { return; }
  let row = i / params.classes;
  let c = i % params.classes;
  let label = labels[row];
  let is_ignored = params.has_ignored != 0u && label == params.ignored;
  var value = 0.0;
  if (c == label && !is_ignored) {
    value = -dloss[row * params.stride] * params.factor;
    if (params.has_weight != 0u) { value *= weight[c]; }
  }
  dx[i] = or_nan(value, is_ignored || label < params.classes);
}
