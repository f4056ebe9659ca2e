// Sums over each block that the input gradient of group and layer normalisation needs, x̂ = (X − mean) · invstd.
//
//   direct[n, g] = Σ over p, d of  dY[n, p, g, d] · weight[g, d]
//   turned[n, g] = Σ over p, d of  dY[n, p, g, d] · weight[g, d] · x̂[n, p, g, d]
//
// A team of TEAM lanes owns a block: each adds every TEAM-th element, then halves of the team add up, so that the order is fixed.
// Dispatch: grid of N·G·TEAM invocations, 64 to a workgroup

override TEAM: u32 = 64;  // a power of two, at most 64

struct Params {
  pixels: u32,  // P
  groups: u32,  // G
  width: u32,   // D
  blocks: u32,  // N·G
  has_weight: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;            // [N, P, G, D]
@group(0) @binding(1) var<storage, read> x: array<f32>;             // [N, P, G, D]
@group(0) @binding(2) var<storage, read> mean: array<f32>;          // [N, G]
@group(0) @binding(3) var<storage, read> invstd: array<f32>;        // [N, G]
@group(0) @binding(4) var<storage, read> weight: array<f32>;        // [G, D], anything where has_weight = 0
@group(0) @binding(5) var<storage, read_write> direct: array<f32>;  // [N, G]
@group(0) @binding(6) var<storage, read_write> turned: array<f32>;  // [N, G]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> sums: array<f32, 64>;

// The sum over the lanes of a team, which all of them get.
fn team_sum(value: f32, lane: u32) -> f32 {
  sums[lane] = value;
  for (var half = TEAM / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane % TEAM < half) { sums[lane] += sums[lane + half]; }
  }
  workgroupBarrier();
  let sum = sums[lane / TEAM * TEAM];
  workgroupBarrier();
  return sum;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = ((workgroup.y * groups.x + workgroup.x) * 64u + lane) / TEAM;
  // Every lane comes to the barriers.
  let block = min(own, params.blocks - 1u);
  let group = block % params.groups;
  let first = block / params.groups * params.pixels;
  var plain = 0.0;
  var with_x = 0.0;
  for (var e = lane % TEAM; e < params.pixels * params.width; e += TEAM) {
    let channel = group * params.width + e % params.width;
    let at = (first + e / params.width) * params.groups * params.width + channel;
    var gradient = dy[at];
    if (params.has_weight != 0u) { gradient *= weight[channel]; }
    plain += gradient;
    with_x += gradient * (x[at] - mean[block]);
  }
  let total = team_sum(plain, lane);
  let product = team_sum(with_x, lane) * invstd[block];
  if (own < params.blocks && lane % TEAM == 0u) {
    direct[block] = total;
    turned[block] = product;
  }
}
