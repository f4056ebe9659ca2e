// Counts the words around an array that are no longer what `fence.wgsl` put there.
//
//   found[0] += Σ over i < first and i ≥ end of  1 where y[i] ≠ 0x7fc0fe4c;  found[1], found[2]: the array's number and i, of the first one found
//
// Dispatch: [min(count, 65535), 1, 1]

struct Params {
  count: u32,   // of the whole buffer
  first: u32,   // the array's first word
  end: u32,     // the word after its last
  number: u32,  // of the array
}

@group(0) @binding(0) var<storage, read> y: array<u32>;                     // [count]
@group(0) @binding(1) var<storage, read_write> found: array<atomic<u32>>;  // [3]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.count; i += groups.x * 64u) {
    if ((i < params.first || i >= params.end) && y[i] != 0x7fc0fe4c) {
      if (atomicAdd(&found[0], 1u) == 0u) {
        atomicStore(&found[1], params.number);
        atomicStore(&found[2], i);
      }
    }
  }
}
