// Winograd's convolution with 3×3 windows, stride 1 (`winograd_input.wgsl` derives it): the weights, transformed.
//
//   U = G · w · Gᵀ,   w [3, 3] of each pair of channels; row i of G: (1, a_i, a_i²) / n_i, the last (0, 0, 1)
//
// For the input gradient `reversed` = 1: the taps in reversed order.
//
// Needs: CO a multiple of 4.
// Dispatch: grid of CI·CO/4 invocations, 64 to a workgroup

struct Params {
  count: u32,     // CI · CO/4
  reversed: u32,
  rows: u32,      // of a tile: SIDE + 2, given here so that no compiler unrolls them
}

override SIDE: u32 = 4;  // outputs of a tile in each dimension, 2 or 4
override N: u32 = SIDE + 2;

const A = 0.75;  // the points are 0, ±A, ±B, ∞
const B = 1.5;

@group(0) @binding(0) var<storage, read> weight: array<vec4f>;   // [3, 3, CI, CO/4]
@group(0) @binding(1) var<storage, read_write> u: array<vec4f>;  // [N², CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

// G · g
fn transformed(g: array<vec4f, 6>) -> array<vec4f, 6> {
  if (SIDE == 2u) {
    let even = 0.5 * (g[0] + g[2]);
    let odd = 0.5 * g[1];
    return array<vec4f, 6>(-g[0], even + odd, even - odd, g[2], vec4f(), vec4f());
  }
  let even_a = g[0] + A * A * g[2];
  let even_b = g[0] + B * B * g[2];
  return array<vec4f, 6>(
    g[0] * (1.0 / (A * A * B * B)),
    (even_a + A * g[1]) * (0.5 / (A * A * (A * A - B * B))),
    (even_a - A * g[1]) * (0.5 / (A * A * (A * A - B * B))),
    (even_b + B * g[1]) * (0.5 / (B * B * (B * B - A * A))),
    (even_b - B * g[1]) * (0.5 / (B * B * (B * B - A * A))),
    g[2],
  );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }

  // Rows of w · Gᵀ.
  var tiled: array<vec4f, 36>;
  for (var r = 0u; r < 3u; r++) {
    var row: array<vec4f, 6>;
    for (var s = 0u; s < 3u; s++) {
      let tap = 3u * r + s;
      row[s] = weight[select(tap, 8u - tap, params.reversed != 0u) * params.count + i];
    }
    row = transformed(row);
    for (var s = 0u; s < N; s++) {
      tiled[r * N + s] = row[s];
    }
  }
  for (var s = 0u; s < N; s++) {
    var column: array<vec4f, 6>;
    for (var r = 0u; r < 3u; r++) {
      column[r] = tiled[r * N + s];
    }
    column = transformed(column);
    for (var r = 0u; r < N; r++) {
      tiled[r * N + s] = column[r];
    }
  }

  for (var r = 0u; r < params.rows; r++) {
    for (var s = 0u; s < N; s++) {
      u[(r * N + s) * params.count + i] = tiled[s];
    }
    for (var k = 0u; k < N * N - N; k++) {
      tiled[k] = tiled[k + N];
    }
  }
}
