// Winograd's convolution with 3×3 windows, stride 1 (`winograd_input.wgsl` derives it): the products, transformed back.
//
//   Y = Aᵀ · m · A + bias,   m [N, N] of each tile and channel; column i of Aᵀ: (1, a_i, …, a_i^(SIDE − 1)), the last (0, …, 0, 1)
//
// Needs: CO a multiple of 4.
// Dispatch: grid of tiles·CO/4 invocations, 64 to a workgroup

struct Params {
  count: u32,     // tiles · CO/4
  tiles: u32,     // N · down · across
  oh: u32,
  ow: u32,
  co: u32,
  down: u32,      // tiles of an image: ⌈OH/SIDE⌉ · ⌈OW/SIDE⌉
  across: u32,
  has_bias: u32,
  rows: u32,      // of a tile: SIDE + 2, given here so that no compiler unrolls them
}

override SIDE: u32 = 4;  // outputs of a tile in each dimension, 2 or 4
override N: u32 = SIDE + 2;

const A = 0.75;  // the points are 0, ±A, ±B, ∞
const B = 1.5;

@group(0) @binding(0) var<storage, read> m: array<vec4f>;        // [N², tiles, CO/4]
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;     // [CO/4], anything where has_bias = 0
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [N, OH, OW, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

// Aᵀ · p
fn transformed(p: array<vec4f, 6>) -> array<vec4f, 4> {
  let even_a = p[1] + p[2];
  let odd_a = p[1] - p[2];
  if (SIDE == 2u) {
    return array<vec4f, 4>(p[0] + even_a, odd_a + p[3], vec4f(), vec4f());
  }
  let even_b = p[3] + p[4];
  let odd_b = p[3] - p[4];
  return array<vec4f, 4>(
    p[0] + even_a + even_b,
    A * odd_a + B * odd_b,
    A * A * even_a + B * B * even_b,
    A * A * A * odd_a + B * B * B * odd_b + p[5],
  );
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

  // Rows of m · A, then Aᵀ · m · A; the place of a row moves up at each turn.
  var tiled: array<vec4f, 24>;
  for (var r = 0u; r < params.rows; r++) {
    var row: array<vec4f, 6>;
    for (var s = 0u; s < N; s++) {
      row[s] = m[((r * N + s) * params.tiles + tile) * columns + c];
    }
    let outputs = transformed(row);
    for (var k = 0u; k < (N - 1u) * SIDE; k++) {
      tiled[k] = tiled[k + SIDE];
    }
    for (var s = 0u; s < SIDE; s++) {
      tiled[(N - 1u) * SIDE + s] = outputs[s];
    }
  }
  for (var s = 0u; s < SIDE; s++) {
    var column: array<vec4f, 6>;
    for (var r = 0u; r < N; r++) {
      column[r] = tiled[r * SIDE + s];
    }
    let outputs = transformed(column);
    for (var r = 0u; r < SIDE; r++) {
      tiled[r * SIDE + s] = outputs[r];
    }
  }

  var offset = vec4f(0.0);
  if (params.has_bias != 0u) { offset = bias[c]; }
  for (var r = 0u; r < params.rows - 2u; r++) {
    for (var s = 0u; s < SIDE; s++) {
      if (top + r < params.oh && left + s < params.ow) {
        y[((image * params.oh + top + r) * params.ow + left + s) * columns + c] = tiled[s] + offset;
      }
    }
    for (var k = 0u; k < (SIDE - 1u) * SIDE; k++) {
      tiled[k] = tiled[k + SIDE];
    }
  }
}
