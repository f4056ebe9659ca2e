// Images with a border around them.
//
//   Y[n, oh, ow, c] = X[n, s(oh − top, H), s(ow − left, W), c],   `value` where one of the two has no source
//     CONSTANT:  s(i, size) = i where 0 ≤ i < size, else none
//     REFLECT:   as in a mirror at the middle of the outermost pixel: s(−1) = 1, s(size) = size − 2
//     REPLICATE: s(i, size) = the nearest place inside
//
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Needs: with REFLECT, a border less wide than the image.
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,  // N · OH · OW · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  top: u32,
  left: u32,
  mode: u32,
  value: f32,
}

const CONSTANT = 0u;
const REFLECT = 1u;
const REPLICATE = 2u;

@group(0) @binding(0) var<storage, read> x: array<T>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [N, OH, OW, C]
@group(1) @binding(0) var<uniform> params: Params;

// Where a place of the padded image comes from; beyond the image where it has no source.
fn source(place: u32, before: u32, size: u32) -> u32 {
  // Before the image is below zero: unsigned, it would lie behind it.
  let i = i32(place) - i32(before);
  let last = i32(size) - 1;
  if (params.mode == REFLECT) { return u32(last - abs(last - abs(i))); }
  if (params.mode == REPLICATE) { return u32(clamp(i, 0, last)); }
  return u32(i);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = source(i / params.c % params.ow, params.left, params.w);
  let ih = source(i / (params.c * params.ow) % params.oh, params.top, params.h);
  let n = i / (params.c * params.ow * params.oh);
  var value = T(params.value);
  if (ih < params.h && iw < params.w) { value = x[((n * params.h + ih) * params.w + iw) * params.c + c]; }
  y[i] = value;
}
