// Gradient of max pooling.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] over the windows that (ih, iw) lies in and won
//
// Each input element asks the windows that contain it, so nothing is written twice and the sum has a fixed order.
// Dispatch: grid of N·H·W·C invocations, 256 to a workgroup

alias E = f32;  // as which dy and dx are stored: f16 in half precision

struct Params {
  count: u32,     // N · H · W · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  kh: u32,
  kw: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  dilation_h: u32,
  dilation_w: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<E>;         // [N, OH, OW, C]
@group(0) @binding(1) var<storage, read> winner: array<u32>;     // [N · OH · OW · C / 4], four bytes a word, lowest first
@group(0) @binding(2) var<storage, read_write> dx: array<E>;   // [N, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let bottom = i / (params.c * params.w) % params.h + params.pad_h;
  let right = i / params.c % params.w + params.pad_w;
  let n = i / (params.c * params.w * params.h);

  // The windows that span the element, oh·stride ≤ bottom < oh·stride + dilation·(KH − 1) + 1: those contain it whose taps come to it.
  let height = params.dilation_h * (params.kh - 1u) + 1u;
  let width = params.dilation_w * (params.kw - 1u) + 1u;
  let last_oh = min(bottom / params.stride_h, params.oh - 1u);
  let last_ow = min(right / params.stride_w, params.ow - 1u);
  let first_oh = select(0u, (bottom - height) / params.stride_h + 1u, bottom >= height);
  let first_ow = select(0u, (right - width) / params.stride_w + 1u, right >= width);
  var sum = 0.0;
  for (var oh = first_oh; oh <= last_oh; oh++) {
    let down = bottom - oh * params.stride_h;
    if (down % params.dilation_h != 0u) { continue; }
    for (var ow = first_ow; ow <= last_ow; ow++) {
      let across = right - ow * params.stride_w;
      if (across % params.dilation_w != 0u) { continue; }
      let at = ((n * params.oh + oh) * params.ow + ow) * params.c + c;
      let place = down / params.dilation_h * params.kw + across / params.dilation_w;
      if (((winner[at / 4u] >> (8u * (at % 4u))) & 0xffu) == place) { sum += f32(dy[at]); }
    }
  }
  dx[i] = E(sum);
}
