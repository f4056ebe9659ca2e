// Average pooling.
//
//   Y[n, oh, ow, c] = 1/D · Σ over kh, kw of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, c],   outside the image 0
//     where D = KH·KW, or, without count_padding, the number of elements inside the image
//
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

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
  count_padding: u32,  // 1: the divisor is KH·KW everywhere; 0: the elements of the window that lie in the image
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [N, OH, OW, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let ow = i / params.c % params.ow;
  let oh = i / (params.c * params.ow) % params.oh;
  let n = i / (params.c * params.ow * params.oh);
  var sum = 0.0;
  var inside = 0u;
  for (var kh = 0u; kh < params.kh; kh++) {
    // Unsigned: above the upper border wraps round to a large number.
    let ih = oh * params.stride_h + kh - params.pad_h;
    for (var kw = 0u; kw < params.kw; kw++) {
      let iw = ow * params.stride_w + kw - params.pad_w;
      if (ih >= params.h || iw >= params.w) { continue; }
      sum += x[((n * params.h + ih) * params.w + iw) * params.c + c];
      inside++;
    }
  }
  y[i] = sum / f32(select(inside, params.kh * params.kw, params.count_padding != 0u));
}
