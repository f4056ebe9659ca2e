// Gradient of the padding of images.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] over the places of the padded image that come from (ih, iw), see `pad2d.wgsl`
//
// Each input element asks the places that may come from it, from above on, so nothing is written twice and the sum has a fixed order.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Needs: with REFLECT, a border less wide than the image.
// Dispatch: grid of N·H·W·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,  // N · H · W · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  top: u32,
  left: u32,
  mode: u32,
}

const REFLECT = 1u;
const REPLICATE = 2u;
const NONE = 0xffffffffu;

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read_write> dx: array<T>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

// How many places of the padded image may come from place i.
fn readers(i: u32, size: u32, before: u32, padded: u32) -> u32 {
  if (params.mode == REFLECT) { return 3u; }
  if (params.mode == REPLICATE) { return 1u + select(0u, before, i == 0u) + select(0u, padded - size - before, i + 1u == size); }
  return 1u;
}

// The k-th of them; NONE where no place is its mirror image on that side.
fn reader(k: u32, i: u32, size: u32, before: u32, padded: u32) -> u32 {
  if (params.mode == REPLICATE) { return select(i + before, 0u, i == 0u) + k; }
  if (params.mode == REFLECT && k == 0u) { return select(NONE, before - i, i > 0u && i <= before); }
  if (params.mode == REFLECT && k == 2u) {
    let mirrored = before + 2u * (size - 1u) - i;
    return select(NONE, mirrored, i + 1u < size && mirrored < padded);
  }
  return i + before;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = i / params.c % params.w;
  let ih = i / (params.c * params.w) % params.h;
  let n = i / (params.c * params.w * params.h);
  let rows = readers(ih, params.h, params.top, params.oh);
  let columns = readers(iw, params.w, params.left, params.ow);
  var sum = T(0.0);
  for (var p = 0u; p < rows; p++) {
    let oh = reader(p, ih, params.h, params.top, params.oh);
    if (oh == NONE) { continue; }
    for (var q = 0u; q < columns; q++) {
      let ow = reader(q, iw, params.w, params.left, params.ow);
      if (ow == NONE) { continue; }
      sum += dy[((n * params.oh + oh) * params.ow + ow) * params.c + c];
    }
  }
  dx[i] = sum;
}
