// Labels as distributions.
//
//   y[r, c] = 1 where c = label[r], else 0
//
// A label that is no class gives a row of NaN.
// Dispatch: grid of rows·classes invocations, 256 to a workgroup

struct Params {
  rows: u32,
  classes: u32,
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;   // [rows]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [rows, classes]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.rows * params.classes) { return; }
  let row = i / params.classes;
  let label = labels[row];
  let value = select(0u, bitcast<u32>(1.0f), label == i - row * params.classes);
  y[i] = bitcast<f32>(select(0x7fc00000u, value, label < params.classes));
}
