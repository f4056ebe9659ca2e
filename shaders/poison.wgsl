// Fills an array with NaN, so that a kernel which reads what nobody wrote is found out.
//
//   y[i] = NaN, as float32 and as two half-precision numbers
//
// Dispatch: [min(count, 65535), 1, 1]

struct Params {
  count: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<u32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.count; i += groups.x * 64u) {
    y[i] = 0x7fc07ead;
  }
}
