// Average pooling.
//
//   Y[n, oh, ow, c] = 1/D · Σ over kh, kw of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c],   outside the image 0
//     where D is the number of the window's elements inside the image, with count_padding also those in the padding, but none behind that
//
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

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

@group(0) @binding(0) var<storage, read> x: array<E>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<E>;  // [N, OH, OW, C]
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
  let ow = i / params.c % params.ow;
  let oh = i / (params.c * params.ow) % params.oh;
  let n = i / (params.c * params.ow * params.oh);
  var sum = 0.0;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number.
    let ih = oh * params.stride_h + kh - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      sum += f32(x[((n * params.h + ih) * params.w + iw) * params.c + c]);
    }
  }
  let rows = inside(oh, params.stride_h, params.kh, params.pad_h, params.h, params.counted_h);
  let columns = inside(ow, params.stride_w, params.kw, params.pad_w, params.w, params.counted_w);
  y[i] = E(sum / f32(rows * columns));
}
