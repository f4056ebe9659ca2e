// Images in another size, each pixel between the four old ones around it.
//
//   Y[n, oh, ow, c] = (1 − a)·((1 − b)·X[n, h₀, w₀, c] + b·X[n, h₀, w₁, c]) + a·((1 − b)·X[n, h₁, w₀, c] + b·X[n, h₁, w₁, c])
//     where h₀ + a is the place of oh in the old image, h₁ = min(h₀ + 1, H − 1), and b, w₀, w₁ in the same way of ow:
//     with align_corners  oh · scale, so that the outermost pixels meet;
//     without  max((oh + ½) · scale − ½, 0), so that the outermost edges do
//
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of N·OH·OW·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,  // N · OH · OW · C
  h: u32,
  w: u32,
  c: u32,
  oh: u32,
  ow: u32,
  scale_h: f32,  // old pixels to a new one
  scale_w: f32,
  align_corners: u32,
}

// Two neighbouring old pixels, and the share of the second in a new one.
struct Between {
  low: u32,
  high: u32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [N, H, W, C]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [N, OH, OW, C]
@group(1) @binding(0) var<uniform> params: Params;

fn between(place: u32, scale: f32, size: u32) -> Between {
  let centre = max((f32(place) + 0.5) * scale - 0.5, 0.0);
  let at = select(centre, f32(place) * scale, params.align_corners != 0u);
  let low = min(u32(at), size - 1u);
  return Between(low, min(low + 1u, size - 1u), min(at - f32(low), 1.0));
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let c = i % params.c;
  let column = between(i / params.c % params.ow, params.scale_w, params.w);
  let row = between(i / (params.c * params.ow) % params.oh, params.scale_h, params.h);
  let n = i / (params.c * params.ow * params.oh);
  let above = (n * params.h + row.low) * params.w;
  let below = (n * params.h + row.high) * params.w;
  let upper = (1.0 - column.share) * x[(above + column.low) * params.c + c] + column.share * x[(above + column.high) * params.c + c];
  let lower = (1.0 - column.share) * x[(below + column.low) * params.c + c] + column.share * x[(below + column.high) * params.c + c];
  y[i] = (1.0 - row.share) * upper + row.share * lower;
}
