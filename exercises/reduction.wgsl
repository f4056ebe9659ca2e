// Sums of squares over pieces of an array.
//
//   partial[first + p] = Σ over i from piece[2p], piece[2p + 1] of them, of  x[i]²
//
// A piece begins at a multiple of 4; what lies between pieces is not counted. One workgroup owns a piece: each invocation adds every 64th vec4 in
// order, then neighbours add up in pairs, so the result is the same bit for bit on every run.
// Dispatch: [pieces, 1, 1], or [a, b, 1] with a·b ≥ pieces
//
// Exercise: fill the holes marked TODO, then run  npx wgrad learn check reduction

struct Params {
  pieces: u32,
  first: u32,   // where this array's sums begin
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> piece: array<u32>;          // [pieces, 2]: first element, number of elements
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;  // [first + pieces and more]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let p = group.y * groups.x + group.x;
  let owned = p < params.pieces;
  let first = piece[2u * min(p, params.pieces - 1u)] / 4u;
  let count = select(0u, piece[2u * min(p, params.pieces - 1u) + 1u], owned);
  var sum = vec4f();
  for (var i = invocation; 4u * i < count; i += 64u) {
    // The last vec4 may reach past the piece.
    let inside = vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(count);
    let value = select(vec4f(), x[first + i], inside);
    // TODO 1: add the squares of the four values to `sum`.
  }
  sums[invocation] = (sum.x + sum.y) + (sum.z + sum.w);
  // TODO 2: add the 64 sums up in pairs: in the first turn invocation 0 adds sums[32] to sums[0], 1 adds sums[33] to sums[1] … 31 adds sums[63];
  // in the next turn 16 invocations do so, then 8, 4, 2, 1. Each turn reads what others wrote before: what must stand at its beginning?

  if (invocation == 0u && owned) { partial[params.first + p] = sums[0]; }
}
