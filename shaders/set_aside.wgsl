// Sets the samples aside whose label stands for no class.
//
//   kept[r] = 0 where label[r] = ignored, else 1;   y[r] = 0 where label[r] = ignored, else label[r]
//
// With class 0 in its place a kernel can compute such a sample like the others; what becomes of it is left out by `kept`.
// Dispatch: grid of rows invocations, 64 to a workgroup

struct Params {
  rows: u32,
  ignored: u32,
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;      // [rows]
@group(0) @binding(1) var<storage, read_write> y: array<u32>;     // [rows]
@group(0) @binding(2) var<storage, read_write> kept: array<f32>;  // [rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) { return; }
  let is_ignored = labels[row] == params.ignored;
  y[row] = select(labels[row], 0u, is_ignored);
  kept[row] = select(1.0, 0.0, is_ignored);
}
