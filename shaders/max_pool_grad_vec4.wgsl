// Gradient of max pooling.
//
//   dX[n, ih, iw, c] = Σ dY[n, oh, ow, c] over the windows that (ih, iw) lies in and won
//
// Each input element asks the windows that contain it, so nothing is written twice and the sum has a fixed order. An invocation owns a
// block of stride × stride elements, (a, b) of block (p, q) at ih = p·stride + a − pad: they lie in the windows p − i, q − j with
// a + i·stride < KH, b + j·stride < KW, which takes no division. Window (p, q), the only one where windows do not overlap, is read once.
// Works on four neighbouring channels at once (vec4).
// Needs: C a multiple of 4; `max_pool_grad.wgsl` takes any.
// Dispatch: [ceil(blocks in a row · C/4 / 64), blocks in a column, N]

alias E = f32;  // as which dy and dx are stored: f16 in half precision

struct Params {
  h: u32,
  w: u32,
  columns: u32,   // C/4
  oh: u32,
  ow: u32,
  kh: u32,
  kw: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  blocks: u32,    // in a row: ceil((W + pad) / stride)
}

@group(0) @binding(0) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, C/4]
@group(0) @binding(1) var<storage, read> winner: array<u32>;      // [N, OH, OW, C/4], four bytes a word, lowest first
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<E>>;  // [N, H, W, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// What a window gives to its element `place`.
fn share(gradient: vec4f, winners: u32, place: u32) -> vec4f {
  let won = ((vec4u(winners) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)) == vec4u(place);
  return select(vec4f(0.0), gradient, won);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.blocks * params.columns) { return; }
  let p = id.y;
  let q = id.x / params.columns;
  let column = id.x - q * params.columns;

  var own = vec4f(0.0);
  var own_winners = 0u;
  if (p < params.oh && q < params.ow) {
    let at = ((id.z * params.oh + p) * params.ow + q) * params.columns + column;
    own = vec4f(dy[at]);
    own_winners = winner[at];
  }
  for (var a = 0u; a < params.stride_h; a++) {
    // Unsigned: above the upper border wraps round to a large number.
    let ih = p * params.stride_h + a - params.pad_h;
    if (ih >= params.h) { continue; }
    for (var b = 0u; b < params.stride_w; b++) {
      let iw = q * params.stride_w + b - params.pad_w;
      if (iw >= params.w) { continue; }
      var sum = vec4f(0.0);
      for (var i = 0u; a + i * params.stride_h < params.kh; i++) {
        for (var j = 0u; b + j * params.stride_w < params.kw; j++) {
          let place = (a + i * params.stride_h) * params.kw + b + j * params.stride_w;
          if (i + j == 0u) {
            sum += share(own, own_winners, place);
            continue;
          }
          // Unsigned: before the first window wraps round to a large number.
          let oh = p - i;
          let ow = q - j;
          if (oh < params.oh && ow < params.ow) {
            let at = ((id.z * params.oh + oh) * params.ow + ow) * params.columns + column;
            sum += share(vec4f(dy[at]), winner[at], place);
          }
        }
      }
      dx[((id.z * params.h + ih) * params.w + iw) * params.columns + column] = vec4<E>(sum);
    }
  }
}
