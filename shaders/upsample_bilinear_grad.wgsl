// Gradient of the bilinear change of size.
//
//   dX[n, ih, iw, c] = Σ over oh, ow of  dY[n, oh, ow, c] · share of row ih in oh · share of column iw in ow,   see `upsample_bilinear.wgsl`
//
// The new pixels that have a share of an old one are neighbours. It asks them one after the other, so nothing is written twice and the sum has
// a fixed order.
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
  scale_h: f32,  // old pixels to a new one
  scale_w: f32,
  align_corners: u32,
}

// Two neighbouring old pixels, and the share of the second in a new one.
struct Between {
  low: u32,
  high: u32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read_write> dx: array<T>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

fn between(place: u32, scale: f32, size: u32) -> Between {
  let centre = max((f32(place) + 0.5) * scale - 0.5, 0.0);
  let at = select(centre, f32(place) * scale, params.align_corners != 0u);
  let low = min(u32(at), size - 1u);
  return Between(low, min(low + 1u, size - 1u), min(at - f32(low), 1.0));
}

// A new pixel before which none can have a share of old pixel i: one before the place of i − 1, which rounding may have moved.
fn first_reader(i: u32, scale: f32) -> u32 {
  // All old pixels lie at one place where there is one new one.
  if (i < 2u || scale == 0.0) { return 0u; }
  let before = f32(i) - 1.0;
  let place = select((before + 0.5) / scale - 0.5, before / scale, params.align_corners != 0u);
  return u32(max(place - 1.0, 0.0));
}

// The share of old pixel i, which is one of the two or both.
fn share_of(i: u32, b: Between) -> f32 {
  return select(0.0, 1.0 - b.share, b.low == i) + select(0.0, b.share, b.high == i);
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
  for (var oh = first_reader(ih, params.scale_h); oh < params.oh; oh++) {
    let row = between(oh, params.scale_h, params.h);
    if (row.low > ih) { break; }
    if (row.high < ih) { continue; }
    for (var ow = first_reader(iw, params.scale_w); ow < params.ow; ow++) {
      let column = between(ow, params.scale_w, params.w);
      if (column.low > iw) { break; }
      if (column.high < iw) { continue; }
      sum += share_of(ih, row) * share_of(iw, column) * dy[((n * params.oh + oh) * params.ow + ow) * params.c + c];
    }
  }
  dx[i] = sum;
}
