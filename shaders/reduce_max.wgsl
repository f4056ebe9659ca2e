// Largest values over the middle dimension, in slices.
//
//   y[o, s, i] = max over r ≡ s (mod slices) of  x[o, r, i],   winner[o, s, i] = the r it was found at
//
// Of equal values the first wins. A NaN wins: of several the last, as in PyTorch's pooling, or with FIRST_NAN the first, as in its max and
// argmax. With outer = N, inner = C and one slice, x holds images and y each channel's largest value. Each invocation owns one (o, s, i).
// Dispatch: grid of outer·slices·inner invocations, 256 to a workgroup

override FIRST_NAN: u32 = 0;

struct Params {
  count: u32,  // outer · slices · inner
  rows: u32,
  inner: u32,
  slices: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [outer, rows, inner]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;       // [outer, slices, inner]
@group(0) @binding(2) var<storage, read_write> winner: array<u32>;  // [outer, slices, inner]
@group(1) @binding(0) var<uniform> params: Params;

// The comparison of bits finds NaN even where a compiler assumes there is none.
fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let inner = i % params.inner;
  let slice = i / params.inner % params.slices;
  let first = i / (params.inner * params.slices) * params.rows * params.inner + inner;
  var best = x[first + slice * params.inner];
  var place = slice;
  for (var r = slice + params.slices; r < params.rows; r += params.slices) {
    let value = x[first + r * params.inner];
    let is_better = is_nan(value) || (value > best && !is_nan(best));
    if (is_better && (FIRST_NAN == 0u || !is_nan(best))) {
      best = value;
      place = r;
    }
  }
  y[i] = best;
  winner[i] = place;
}
