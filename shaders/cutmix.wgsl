// CutMix (Yun et al., 2019): in each image of a batch the pixels of a box are those of its partner.
//
//   Y[b, h, w, c] = X[partner[b], h, w, c] where top ≤ h < bottom and left ≤ w < right, else X[b, h, w, c]
//
// Dispatch: grid of B·H·W·C invocations, 256 to a workgroup

struct Params {
  count: u32,   // B · H · W · C
  h: u32,
  w: u32,
  c: u32,
  top: u32,
  bottom: u32,
  left: u32,
  right: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [B, H, W, C]
@group(0) @binding(1) var<storage, read> partner: array<u32>;  // [B]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [B, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.count) { return; }
  let pixel = at / params.c;
  let column = pixel % params.w;
  let row = pixel / params.w % params.h;
  let each = params.h * params.w * params.c;
  let b = at / each;
  let inside = row >= params.top && row < params.bottom && column >= params.left && column < params.right;
  y[at] = x[select(b, partner[b], inside) * each + (at - b * each)];
}
