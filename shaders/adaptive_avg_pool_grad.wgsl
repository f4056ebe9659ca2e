// Gradient of average pooling into a given number of windows.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] / |window (oh, ow)| over the windows that (ih, iw) lies in:
//     ⌊ih·OH / H⌋ ≤ oh < ⌈(ih + 1)·OH / H⌉ and ⌊iw·OW / W⌋ ≤ ow < ⌈(iw + 1)·OW / W⌉
//
// Dispatch: grid of N·H·W·C invocations, 256 to a workgroup

alias E = f32;  // as which dy and dx are stored: f16 in half precision

struct Params {
  count: u32,
  c: u32,
  h: u32,
  w: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<E>;        // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read_write> dx: array<E>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

// Elements of window `place` out of `windows` over `size`.
fn extent(place: u32, windows: u32, size: u32) -> u32 {
  return ((place + 1u) * size + windows - 1u) / windows - place * size / windows;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = i / params.c % params.w;
  let ih = i / (params.c * params.w) % params.h;
  let n = i / (params.c * params.w * params.h);
  let bottom = ((ih + 1u) * params.oh + params.h - 1u) / params.h;
  let right = ((iw + 1u) * params.ow + params.w - 1u) / params.w;
  var sum = 0.0;
  for (var oh = ih * params.oh / params.h; oh < bottom; oh++) {
    for (var ow = iw * params.ow / params.w; ow < right; ow++) {
      let size = extent(oh, params.oh, params.h) * extent(ow, params.ow, params.w);
      sum += f32(dy[((n * params.oh + oh) * params.ow + ow) * params.c + c]) / f32(size);
    }
  }
  dx[i] = E(sum);
}
