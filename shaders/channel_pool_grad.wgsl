// Gradient of `channel_pool.wgsl`.
//
//   dx[p, c] = dy[p, 0] · [winner[p] = c] + dy[p, 1] / C
//
// Dispatch: grid of pixels·C invocations, 256 to a workgroup

struct Params {
  pixels: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;        // [pixels, 2]
@group(0) @binding(1) var<storage, read> winner: array<u32>;    // [pixels]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [pixels, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.pixels * params.channels) { return; }
  let pixel = i / params.channels;
  let won = winner[pixel] == i % params.channels;
  dx[i] = select(0.0, dy[2u * pixel], won) + dy[2u * pixel + 1u] / f32(params.channels);
}
