// Average pooling into a given number of windows, as equal as they can be.
//
//   Y[n, oh, ow, c] = mean of X[n, ih, iw, c] over ⌊oh·H / OH⌋ ≤ ih < ⌈(oh + 1)·H / OH⌉ and ⌊ow·W / OW⌋ ≤ iw < ⌈(ow + 1)·W / OW⌉
//
// Windows overlap where OH does not divide H.
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

alias E = f32;  // as which x and y are stored: f16 in half precision

struct Params {
  count: u32,
  c: u32,
  h: u32,
  w: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<storage, read> x: array<E>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<E>;  // [N, OH, OW, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let ow = i / params.c % params.ow;
  let oh = i / (params.c * params.ow) % params.oh;
  let n = i / (params.c * params.ow * params.oh);
  let top = oh * params.h / params.oh;
  let bottom = ((oh + 1u) * params.h + params.oh - 1u) / params.oh;
  let left = ow * params.w / params.ow;
  let right = ((ow + 1u) * params.w + params.ow - 1u) / params.ow;
  var sum = 0.0;
  for (var ih = top; ih < bottom; ih++) {
    for (var iw = left; iw < right; iw++) {
      sum += f32(x[((n * params.h + ih) * params.w + iw) * params.c + c]);
    }
  }
  y[i] = E(sum / f32((bottom - top) * (right - left)));
}
