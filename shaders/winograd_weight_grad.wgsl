// Winograd's gradient of 3×3 weights, stride 1 (`winograd_input.wgsl` derives it): the products, added up and transformed back.
//
//   dW = Gᵀ · (Σ over slices of s) · G,   s [N, N] of each pair of channels; column i of Gᵀ: (1, a_i, a_i²) / n_i, the last (0, 0, 1)
//
// Needs: CO a multiple of 4.
// Dispatch: grid of CI·CO/4 invocations, 64 to a workgroup

struct Params {
  count: u32,   // CI · CO/4
  slices: u32,  // sums over some of the tiles, for each place
  rows: u32,    // of a tile: SIDE + 2, given here so that no compiler unrolls them
}

override SIDE: u32 = 4;  // outputs of a tile in each dimension, 2 or 4
override N: u32 = SIDE + 2;

const A = 0.75;  // the points are 0, ±A, ±B, ∞
const B = 1.5;

@group(0) @binding(0) var<storage, read> s: array<vec4f>;         // [N², slices, CI, CO/4]
@group(0) @binding(1) var<storage, read_write> dw: array<vec4f>;  // [3, 3, CI, CO/4]
@group(1) @binding(0) var<uniform> params: Params;

// Gᵀ · p
fn transformed(p: array<vec4f, 6>) -> array<vec4f, 3> {
  if (SIDE == 2u) {
    let even = 0.5 * (p[1] + p[2]);
    return array<vec4f, 3>(even - p[0], 0.5 * (p[1] - p[2]), even + p[3]);
  }
  let even_a = (p[1] + p[2]) * (0.5 / (A * A * (A * A - B * B)));
  let odd_a = (p[1] - p[2]) * (0.5 / (A * A * (A * A - B * B)));
  let even_b = (p[3] + p[4]) * (0.5 / (B * B * (B * B - A * A)));
  let odd_b = (p[3] - p[4]) * (0.5 / (B * B * (B * B - A * A)));
  return array<vec4f, 3>(
    p[0] * (1.0 / (A * A * B * B)) + even_a + even_b,
    A * odd_a + B * odd_b,
    A * A * even_a + B * B * even_b + p[5],
  );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }

  // Rows of s · G, then Gᵀ · s · G; the place of a row moves up at each turn.
  var tiled: array<vec4f, 18>;
  for (var r = 0u; r < params.rows; r++) {
    var row: array<vec4f, 6>;
    // Written, as `var row` alone does not clear it on llvmpipe but at the first turn.
    for (var c = 0u; c < N; c++) {
      row[c] = s[(r * N + c) * params.slices * params.count + i];
    }
    for (var slice = 1u; slice < params.slices; slice++) {
      for (var c = 0u; c < N; c++) {
        row[c] += s[((r * N + c) * params.slices + slice) * params.count + i];
      }
    }
    let taps = transformed(row);
    for (var k = 0u; k < 3u * (N - 1u); k++) {
      tiled[k] = tiled[k + 3u];
    }
    for (var c = 0u; c < 3u; c++) {
      tiled[3u * (N - 1u) + c] = taps[c];
    }
  }
  for (var c = 0u; c < 3u; c++) {
    var column: array<vec4f, 6>;
    for (var r = 0u; r < N; r++) {
      column[r] = tiled[r * 3u + c];
    }
    let taps = transformed(column);
    for (var r = 0u; r < 3u; r++) {
      dw[(3u * r + c) * params.count + i] = taps[r];
    }
  }
}
