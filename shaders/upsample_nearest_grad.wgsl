// Gradient of the change of size by the nearest pixel.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] over the new pixels that took (ih, iw), see `upsample_nearest.wgsl`
//
// They are neighbours. Each old pixel asks them one after the other, so nothing is written twice and the sum has a fixed order.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of N·H·W·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,  // N · H · W · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  scale_h: f32,
  scale_w: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read_write> dx: array<T>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

// The old pixel that a new one takes.
fn nearest(place: u32, scale: f32, size: u32) -> u32 {
  return min(u32(f32(place) * scale), size - 1u);
}

// A new pixel before which none can have taken old pixel i: one before the quotient, which rounding may have moved.
fn first_taker(i: u32, scale: f32) -> u32 {
  return max(u32(f32(i) / scale), 1u) - 1u;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = i / params.c % params.w;
  let ih = i / (params.c * params.w) % params.h;
  let n = i / (params.c * params.w * params.h);
  var sum = T(0.0);
  for (var oh = first_taker(ih, params.scale_h); oh < params.oh; oh++) {
    let row = nearest(oh, params.scale_h, params.h);
    if (row > ih) { break; }
    if (row < ih) { continue; }
    for (var ow = first_taker(iw, params.scale_w); ow < params.ow; ow++) {
      let column = nearest(ow, params.scale_w, params.w);
      if (column > iw) { break; }
      if (column == iw) { sum += dy[((n * params.oh + oh) * params.ow + ow) * params.c + c]; }
    }
  }
  dx[i] = sum;
}
