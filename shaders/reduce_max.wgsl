// Largest values over the middle dimension.
//
//   y[o, i] = max over r of x[o, r, i],  winner[o, i] = the r it was found at
//
// Of equal values the first wins; a NaN wins, the last of several. With outer = N and inner = C, x holds images and y each channel's largest
// value. Each invocation owns one (o, i).
// Dispatch: grid of outer·inner invocations, 256 to a workgroup

struct Params {
  count: u32,  // outer · inner
  rows: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [outer, rows, inner]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;       // [outer, inner]
@group(0) @binding(2) var<storage, read_write> winner: array<u32>;  // [outer, inner]
@group(1) @binding(0) var<uniform> params: Params;

// The comparison of bits finds NaN even where a compiler assumes there is none.
fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let first = i / params.inner * params.rows * params.inner + i % params.inner;
  var best = x[first];
  var place = 0u;
  for (var r = 1u; r < params.rows; r++) {
    let value = x[first + r * params.inner];
    if (is_nan(value) || (value > best && !is_nan(best))) {
      best = value;
      place = r;
    }
  }
  y[i] = best;
  winner[i] = place;
}
