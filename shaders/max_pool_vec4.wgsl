// Max pooling.
//
//   Y[n, oh, ow, c] = max over kh, kw of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c],   outside the image −∞
//
// Remembers which element of the window won, as kh·KW + kw: of equal ones the first; a NaN beats numbers and
// earlier NaNs, as in PyTorch.
// Works on four neighbouring channels at once (vec4): their four bytes are the word at the vec4's own place.
// Needs: C a multiple of 4, windows of at most 256 elements; `max_pool.wgsl` takes any C.
// Dispatch: [ceil(OW·C/4 / 64), OH, N]

alias E = f32;  // as which x and y are stored: f16 in half precision

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
}

@group(0) @binding(0) var<storage, read> x: array<vec4<E>>;           // [N, H, W, C/4]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<E>>;     // [N, OH, OW, C/4]
@group(0) @binding(2) var<storage, read_write> winner: array<u32>;  // [N, OH, OW, C/4], four bytes a word, lowest first
@group(1) @binding(0) var<uniform> params: Params;

// The comparison of bits finds NaN even where a compiler assumes there is none.
fn is_nan(value: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(value) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.ow * params.columns) { return; }
  let ow = id.x / params.columns;
  let column = id.x - ow * params.columns;
  var best = vec4f(0.0);
  var place = vec4u(0u);
  var found = false;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number.
    let ih = id.y * params.stride_h + kh - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      let value = vec4f(x[((id.z * params.h + ih) * params.w + iw) * params.columns + column]);
      let wins = vec4<bool>(!found) | is_nan(value) | ((value > best) & !is_nan(best));
      best = select(best, value, wins);
      place = select(place, vec4u(kh * params.kw + kw), wins);
      found = true;
    }
  }
  let at = (id.z * params.oh + id.y) * params.ow * params.columns + id.x;
  y[at] = vec4<E>(best);
  winner[at] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
