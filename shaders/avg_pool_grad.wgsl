// Gradient of average pooling.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] / D(oh, ow) over the windows that (ih, iw) lies in, D as in `avg_pool.wgsl`
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
  kh: u32,
  kw: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  counted_h: u32,  // H with the padding on both sides where its elements count; 0 where those in the image alone do
  counted_w: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<E>;        // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read_write> dx: array<E>;  // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

// How many of the `window` places from place·stride − pad on count: those of `counted`, or, if it is 0, those in the image of `size`.
fn inside(place: u32, stride: u32, window: u32, pad: u32, size: u32, counted: u32) -> u32 {
  let first = place * stride;
  if (counted != 0u) { return min(first + window, counted) - first; }
  return min(first + window, size + pad) - max(first, pad);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let iw = i / params.c % params.w;
  let ih = i / (params.c * params.w) % params.h;
  let n = i / (params.c * params.w * params.h);
  var sum = 0.0;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: below zero wraps round to a large number, so one comparison finds both borders.
    let below = ih + params.pad_h - kh;
    let oh = below / params.stride_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let right = iw + params.pad_w - kw;
      let ow = right / params.stride_w;
      if (oh >= params.oh || ow >= params.ow) { continue; }
      if (oh * params.stride_h != below || ow * params.stride_w != right) { continue; }
      let rows = inside(oh, params.stride_h, params.kh, params.pad_h, params.h, params.counted_h);
      let columns = inside(ow, params.stride_w, params.kw, params.pad_w, params.w, params.counted_w);
      sum += f32(dy[((n * params.oh + oh) * params.ow + ow) * params.c + c]) / f32(rows * columns);
    }
  }
  dx[i] = E(sum);
}
