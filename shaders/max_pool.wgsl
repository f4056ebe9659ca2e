// Max pooling.
//
//   Y[n, oh, ow, c] = max over kh, kw of  X[n, oh·stride + kh·dilation − pad, ow·stride + kw·dilation − pad, c],   outside the image −∞
//
// Remembers which element of the window won, as kh·KW + kw: of equal ones the first; a NaN beats numbers and
// earlier NaNs, as in PyTorch. Four of these bytes make a word, so an invocation owns four neighbouring outputs in the flat order.
// Needs: windows of at most 256 elements.
// Dispatch: grid of ceil(N·OH·OW·C / 4) invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  count: u32,     // N · OH · OW · C
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

@group(0) @binding(0) var<storage, read> x: array<E>;             // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<E>;       // [N, OH, OW, C]
@group(0) @binding(2) var<storage, read_write> winner: array<u32>;  // [N · OH · OW · C / 4], four bytes a word, lowest first
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * 256u + id.x;
  if (word * 4u >= params.count) { return; }
  var packed = 0u;
  for (var part = 0u; part < 4u; part++) {
    let i = word * 4u + part;
    if (i >= params.count) { break; }
    let c = i % params.c;
    let ow = i / params.c % params.ow;
    let oh = i / (params.c * params.ow) % params.oh;
    let n = i / (params.c * params.ow * params.oh);
    // −∞, which cannot be written as a constant.
    var lowest = 0xff800000u;
    var best = bitcast<f32>(lowest);
    var place = 0u;
    var found = false;
    for (var kh = 0u; kh < params.kh; kh++) {
      // Unsigned: above the upper border wraps round to a large number.
      let ih = oh * params.stride_h + kh * params.dilation_h - params.pad_h;
      for (var kw = 0u; kw < params.kw; kw++) {
        let iw = ow * params.stride_w + kw * params.dilation_w - params.pad_w;
        if (ih >= params.h || iw >= params.w) { continue; }
        let value = f32(x[((n * params.h + ih) * params.w + iw) * params.c + c]);
        // The comparison of bits finds NaN even where a compiler assumes there is none.
        let is_nan = (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
        let best_is_nan = (bitcast<u32>(best) & 0x7fffffffu) > 0x7f800000u;
        if (!found || is_nan || (value > best && !best_is_nan)) {
          best = value;
          place = kh * params.kw + kw;
          found = true;
        }
      }
    }
    y[i] = E(best);
    packed |= place << (8u * part);
  }
  winner[word] = packed;
}
