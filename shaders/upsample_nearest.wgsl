// Images in another size, each pixel the nearest of the old ones.
//
//   Y[n, oh, ow, c] = X[n, min(⌊oh · scale⌋, H − 1), min(⌊ow · scale⌋, W − 1), c]
//
// scale: old pixels to a new one, a float32 as in PyTorch, so that both take the same pixel where a product falls on a border between two.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,  // N · OH · OW · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  scale_h: f32,
  scale_w: f32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [N, OH, OW, C]
@group(1) @binding(0) var<uniform> params: Params;

// The old pixel that a new one takes.
fn nearest(place: u32, scale: f32, size: u32) -> u32 {
  return min(u32(f32(place) * scale), size - 1u);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = nearest(i / params.c % params.ow, params.scale_w, params.w);
  let ih = nearest(i / (params.c * params.ow) % params.oh, params.scale_h, params.h);
  let n = i / (params.c * params.ow * params.oh);
  y[i] = x[((n * params.h + ih) * params.w + iw) * params.c + c];
}
