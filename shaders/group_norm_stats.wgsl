// Statistics of group and layer normalisation: mean and spread of each block of elements, that is of one sample and group.
//
//   mean[n, g] = Σ over p, d of  X[n, p, g, d] / (P·D)
//   invstd[n, g] = 1 / √(Σ over p, d of  (X[n, p, g, d] − mean)² / (P·D) + eps)
//
// A team of TEAM lanes owns a block: each adds every TEAM-th element, then halves of the team add up, so that the order is fixed. The deviations
// are taken from the mean itself, by a second reading, so that nothing cancels.
// Dispatch: grid of N·G·TEAM invocations, 64 to a workgroup

override TEAM: u32 = 64;  // a power of two, at most 64

struct Params {
  pixels: u32,  // P
  groups: u32,  // G
  width: u32,   // D
  blocks: u32,  // N·G
  eps: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;            // [N, P, G, D]
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;   // [N, G]
@group(0) @binding(2) var<storage, read_write> invstd: array<f32>; // [N, G]
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

// An element of a block: its pixel and its place among the group's channels.
struct Element {
  pixel: u32,
  channel: u32,
}

// The lane's first element.
fn first_element(lane: u32) -> Element {
  return Element(lane % TEAM / params.width, lane % TEAM % params.width);
}

// The lane's next element, TEAM further on. By additions: divisions are dear where a driver takes them lane by lane.
fn next_element(e: Element) -> Element {
  let channel = e.channel + TEAM % params.width;
  let over = channel >= params.width;
  return Element(e.pixel + TEAM / params.width + select(0u, 1u, over), select(channel, channel - params.width, over));
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
  let size = params.pixels * params.width;
  let row = params.groups * params.width;
  let first = block / params.groups * params.pixels * row + block % params.groups * params.width;
  var sum = 0.0;
  for (var e = first_element(lane); e.pixel < params.pixels; e = next_element(e)) {
    sum += x[first + e.pixel * row + e.channel];
  }
  let middle = team_sum(sum, lane) / f32(size);
  var squares = 0.0;
  for (var e = first_element(lane); e.pixel < params.pixels; e = next_element(e)) {
    let deviation = x[first + e.pixel * row + e.channel] - middle;
    squares += deviation * deviation;
  }
  let variance = team_sum(squares, lane) / f32(size);
  if (own < params.blocks && lane % TEAM == 0u) {
    mean[block] = middle;
    invstd[block] = 1.0 / sqrt(variance + params.eps);
  }
}
