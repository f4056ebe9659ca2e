// Gradient of `batch_hard_triplet.wgsl` with respect to the distances.
//
//   dy[i, j] = dloss[i] · factor · ([j is the partner of i's class] − [j is the partner of another])
//
// dloss has one value a sample, or one for all of them (stride 0).
// Dispatch: grid of rows² invocations, 256 to a workgroup

struct Params {
  rows: u32,
  stride: u32,  // of dloss: 1 or 0
  factor: f32,  // 1, or 1 / rows behind a mean
}

@group(0) @binding(0) var<storage, read> dloss: array<f32>;     // [rows] or [1]
@group(0) @binding(1) var<storage, read> partners: array<u32>;  // [rows, 2]; both i where the loss is 0
@group(0) @binding(2) var<storage, read_write> dy: array<f32>;  // [rows, rows]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.rows * params.rows) { return; }
  let i = at / params.rows;
  let j = at % params.rows;
  let positive = partners[2u * i];
  let negative = partners[2u * i + 1u];
  var sign = 0.0;
  if (positive != negative) { sign = f32(j == positive) - f32(j == negative); }
  dy[at] = sign * dloss[i * params.stride] * params.factor;
}
