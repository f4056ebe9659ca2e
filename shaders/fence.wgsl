// Puts known words before and behind an array, so that a kernel which writes outside of it is found out by `fence_check.wgsl`.
//
//   y[i] = 0x7fc0fe4c  where i < first or i ≥ end
//
// Dispatch: [min(count, 65535), 1, 1]

struct Params {
  count: u32,  // of the whole buffer
  first: u32,  // the array's first word
  end: u32,    // the word after its last
}

@group(0) @binding(0) var<storage, read_write> y: array<u32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.count; i += groups.x * 64u) {
    // Seen as a number it is NaN: what is read from there by mistake shows in the result.
    if (i < params.first || i >= params.end) { y[i] = 0x7fc0fe4c; }
  }
}
