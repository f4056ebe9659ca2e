// Winograd's gradient of 3×3 weights, stride 1 (`winograd_input.wgsl` derives it): tiles of dY, transformed.
//
//   D = A · dy · Aᵀ,   dy [SIDE, SIDE] of each tile and channel; row i of A: (1, a_i, …, a_i^(SIDE − 1)), the last (0, …, 0, 1)
//
// What a tile has beyond the last row and column of Y is zero, and so are the tiles from N·⌈OH/SIDE⌉·⌈OW/SIDE⌉ on, where there are some.
//
// Needs: CO a multiple of 4.
// Dispatch: grid of tiles·CO/4 invocations, 64 to a workgroup

struct Params {
  count: u32,   // tiles · CO/4
  tiles: u32,
  n: u32,
  oh: u32,
  ow: u32,
  co: u32,
  down: u32,    // tiles of an image: ⌈OH/SIDE⌉ · ⌈OW/SIDE⌉
  across: u32,
  rows: u32,    // of a transformed tile: SIDE + 2, given here so that no compiler unrolls them
}

override SIDE: u32 = 4;  // outputs of a tile in each dimension, 2 or 4
override N: u32 = SIDE + 2;

const A = 0.75;  // the points are 0, ±A, ±B, ∞
const B = 1.5;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;       // [N, OH, OW, CO/4]
@group(0) @binding(1) var<storage, read_write> d: array<vec4f>;  // [N², tiles, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

// A · q
fn transformed(q: array<vec4f, 6>) -> array<vec4f, 6> {
  if (SIDE == 2u) {
    return array<vec4f, 6>(q[0], q[0] + q[1], q[0] - q[1], q[1], vec4f(), vec4f());
  }
  let even_a = q[0] + A * A * q[2];
  let odd_a = A * q[1] + A * A * A * q[3];
  let even_b = q[0] + B * B * q[2];
  let odd_b = B * q[1] + B * B * B * q[3];
  return array<vec4f, 6>(q[0], even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, q[3]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }
  let columns = params.co / 4u;
  let c = i % columns;
  let tile = i / columns;
  let left = tile % params.across * SIDE;
  let top = tile / params.across % params.down * SIDE;
  let image = tile / (params.across * params.down);

  // Rows of dy · Aᵀ, then A · dy · Aᵀ; the place of a row moves up at each turn.
  var tiled: array<vec4f, 36>;
  for (var r = 0u; r < params.rows - 2u; r++) {
    var row: array<vec4f, 6>;
    for (var s = 0u; s < SIDE; s++) {
      let inside = top + r < params.oh && left + s < params.ow && image < params.n;
      let pixel = select(0u, (image * params.oh + top + r) * params.ow + left + s, inside);
      row[s] = select(vec4f(0.0), dy[pixel * columns + c], inside);
    }
    row = transformed(row);
    for (var k = 0u; k < (SIDE - 1u) * N; k++) {
      tiled[k] = tiled[k + N];
    }
    for (var s = 0u; s < N; s++) {
      tiled[(SIDE - 1u) * N + s] = row[s];
    }
  }
  for (var s = 0u; s < N; s++) {
    var column: array<vec4f, 6>;
    for (var r = 0u; r < SIDE; r++) {
      column[r] = tiled[r * N + s];
    }
    column = transformed(column);
    for (var r = 0u; r < N; r++) {
      tiled[r * N + s] = column[r];
    }
  }

  for (var r = 0u; r < params.rows; r++) {
    for (var s = 0u; s < N; s++) {
      d[((r * N + s) * params.tiles + tile) * columns + c] = tiled[s];
    }
    for (var k = 0u; k < N * N - N; k++) {
      tiled[k] = tiled[k + N];
    }
  }
}
