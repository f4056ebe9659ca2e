// The reverse of `strided_slice.wgsl`: puts the elements of a part where they came from, and zeros elsewhere. Its gradient, and padding.
//
//   whole[j₀, j₁, j₂, j₃] = part[i₀, i₁, i₂, i₃] where j_d = start_d + i_d·step_d for i_d < part_d in each dimension d, else 0
//
// Dispatch: grid of count invocations, 256 to a workgroup

alias E = f32;  // as which part and whole are stored: f16 in half precision

struct Params {
  count: u32,    // of the whole
  part_0: u32,
  part_1: u32,
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

@group(0) @binding(0) var<storage, read> part: array<E>;
@group(0) @binding(1) var<storage, read_write> whole: array<E>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let start = vec4u(params.start_0, params.start_1, params.start_2, params.start_3);
  let step = vec4u(params.step_0, params.step_1, params.step_2, params.step_3);
  let size = vec4u(params.part_0, params.part_1, params.part_2, params.part_3);
  let place = vec4u(
    i / (params.whole_3 * params.whole_2 * params.whole_1),
    i / (params.whole_3 * params.whole_2) % params.whole_1,
    i / params.whole_3 % params.whole_2,
    i % params.whole_3,
  );
  // Unsigned: before the start wraps round to a large number.
  let beyond = place - start;
  let at = beyond / step;
  var value = 0.0;
  if (all(place >= start) && all(at < size) && all(at * step == beyond)) {
    value = f32(part[((at.x * size.y + at.y) * size.z + at.z) * size.w + at.w]);
  }
  whole[i] = E(value);
}
