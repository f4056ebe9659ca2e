// Stochastic depth, and its gradient: each row as a whole times the same factor.
//
//   y[n, i] = x[n, i] · factor where uniform(n) ≥ p, else x[n, i] · 0
//
// The uniform numbers are those of `dropout.wgsl` for an array of one element a row. An invocation draws its row's number and takes some of the row's elements, so the mask is
// neither stored nor read. A NaN stays, kept or not, as 0 · NaN is one.
// T is f32, or vec4f where a row is a multiple of 4 long: four neighbours at once, and a fourth of a row counted below.
// Source: Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", ECCV 2016.
// Dispatch: grid of rows·blocks invocations, 256 to a workgroup

alias T = f32;

struct Params {
  rows: u32,
  columns: u32,
  blocks: u32,   // invocations to a row
  p: f32,
  factor: f32,   // 1 / (1 − p), or 0 where p = 1
  seed_low: u32,
  seed_high: u32,
  offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<T>;        // [rows, columns]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [rows, columns]
@group(1) @binding(0) var<uniform> params: Params;

// Philox4x32-10 (Salmon et al., SC 2011), as in src/runtime/philox.ts: four random u32 for each counter and key.
fn mul_high(a: u32, b: u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let carried = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (carried >> 16u);
}

fn philox(start: vec4u, first_key: vec2u) -> vec4u {
  var counter = start;
  var key = first_key;
  for (var round = 0u; round < 10u; round++) {
    counter = vec4u(
      mul_high(0xcd9e8d57u, counter.z) ^ counter.y ^ key.x,
      0xcd9e8d57u * counter.z,
      mul_high(0xd2511f53u, counter.x) ^ counter.w ^ key.y,
      0xd2511f53u * counter.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  let row = i / params.blocks;
  if (row >= params.rows) { return; }
  let words = philox(vec4u(row / 4u, params.offset, 0u, 1u), vec2u(params.seed_low, params.seed_high));
  let uniform = f32(words[row % 4u] >> 8u) * 0x1p-24f;
  let value = select(0.0, params.factor, uniform >= params.p);
  for (var c = i % params.blocks; c < params.columns; c += params.blocks) {
    let at = row * params.columns + c;
    y[at] = x[at] * value;
  }
}
