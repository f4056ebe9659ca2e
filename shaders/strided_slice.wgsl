// Every step-th element of a range, in each of four dimensions.
//
//   part[i₀, i₁, i₂, i₃] = whole[start₀ + i₀·step₀, start₁ + i₁·step₁, start₂ + i₂·step₂, start₃ + i₃·step₃]
//
// Dispatch: grid of count invocations, 256 to a workgroup

alias E = f32;  // as which whole and part are stored: f16 in half precision

struct Params {
  count: u32,    // of the part
  part_1: u32,   // the part is [·, part_1, part_2, part_3]
  part_2: u32,
  part_3: u32,
  whole_1: u32,  // the whole is [·, whole_1, whole_2, whole_3]
  whole_2: u32,
  whole_3: u32,
  start_0: u32,
  start_1: u32,
  start_2: u32,
  start_3: u32,
  step_0: u32,
  step_1: u32,
  step_2: u32,
  step_3: u32,
}

@group(0) @binding(0) var<storage, read> whole: array<E>;
@group(0) @binding(1) var<storage, read_write> part: array<E>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let i3 = i % params.part_3;
  let i2 = i / params.part_3 % params.part_2;
  let i1 = i / (params.part_3 * params.part_2) % params.part_1;
  let i0 = i / (params.part_3 * params.part_2 * params.part_1);
  let row = (params.start_0 + i0 * params.step_0) * params.whole_1 + params.start_1 + i1 * params.step_1;
  let column = (row * params.whole_2 + params.start_2 + i2 * params.step_2) * params.whole_3;
  part[i] = E(f32(whole[column + params.start_3 + i3 * params.step_3]));
}
