// Winograd's convolution with 3×3 windows, stride 1: tiles of X, transformed.
//
//   V = Bᵀ · x · B,   x [N, N] of each tile and channel, N = SIDE + 2
//
// One dimension first. SIDE outputs of a window of three, y_p = Σ over k of g_k · d_{p+k}, read N inputs. Take N − 1 points a_i and let d stand for the
// linear map that sends x^j to d_j; then y_p = d(x^p · g(x)) with g(x) = g_0 + g_1·x + g_2·x². A polynomial of degree N − 1 is what Lagrange's formula makes
// of its values at the points, and its highest coefficient times Π (x − a_i). Of x^p · g(x) those values are a_i^p · g(a_i). With n_i = Π over j ≠ i of (a_i − a_j):
//
//   y_p = Σ over i of  a_i^p · u_i · v_i  + (p = SIDE − 1) · u_∞ · v_∞
//   u_i = g(a_i) / n_i,  u_∞ = g_2,   v_i = d(Π over j ≠ i of (x − a_j)),  v_∞ = d(Π over all j of (x − a_j))
//
// N products in the place of 3·SIDE. As matrices: y = Aᵀ [(G·g) ⊙ (Bᵀ·d)]. In two dimensions each matrix is applied to the rows and to the columns, N² products
// in the place of 9·SIDE²: 16 for 36, or 36 for 144. Summed over the channels they are N² matrix products, of tiles × CI with CI × CO:
//
//   Y = Aᵀ [Σ over ci of (G·W·Gᵀ) ⊙ (Bᵀ·X·B)] A
//
// The steps: `winograd_weight.wgsl` makes U = G·W·Gᵀ, this kernel V = Bᵀ·X·B, a product kernel M = Σ U ⊙ V, `winograd_output.wgsl` Y = Aᵀ·M·A. The gradient of W
// for fixed V is linear: dW = Gᵀ [Σ over tiles of (A·dY·Aᵀ) ⊙ V] G, that is F(3×3, SIDE×SIDE); `winograd_output_grad.wgsl` makes A·dY·Aᵀ and
// `winograd_weight_grad.wgsl` Gᵀ·S·G. The gradient of X is a convolution of dY with the taps in reversed order.
//
// Points: 0, ±1 for SIDE = 2, and 0, ±3/4, ±3/2 for SIDE = 4. The usual 0, ±1, ±2 make the rounding errors twice as large, as the powers of 2 outweigh the rest;
// 3/4 and 3/2 stand on either side of 1, and their squares and cubes are exact in float32.
//
// Rung winograd: Fewer multiplications rather than fewer loads. A tile of 4×4 outputs (of 2×2 where that leaves less idle) needs 36 products in the place
// of 144, which are 36 plain matrix products, one for each place in the transformed tile, in one dispatch. For that, X, the weights and the products are written and read
// once more, 2.25 times their size each (2×2: 4 times), whatever the number of channels: it pays where there are many. Rounding errors are about twice as
// large as the direct sum's for tiles of 4×4, and smaller for 2×2.
//
// A row of the tile comes in at a turn, as in `matmul_subgroup.wgsl`: a driver that loads lane by lane writes some 500 instructions for one vec4.
// Needs: CI a multiple of 4. Tiles from N·⌈OH/SIDE⌉·⌈OW/SIDE⌉ on, where there are some, are zero.
// Dispatch: grid of tiles·CI/4 invocations, 64 to a workgroup

struct Params {
  count: u32,  // tiles · CI/4
  tiles: u32,  // all of them, image by image, row by row
  n: u32,
  h: u32,
  w: u32,
  ci: u32,
  down: u32,   // tiles of an image: ⌈OH/SIDE⌉ · ⌈OW/SIDE⌉
  across: u32,
  pad_h: u32,
  pad_w: u32,
  rows: u32,   // of a tile: SIDE + 2, given here so that no compiler unrolls them
}

override SIDE: u32 = 4;  // outputs of a tile in each dimension, 2 or 4
override N: u32 = SIDE + 2;

const A = 0.75;  // the points are 0, ±A, ±B, ∞
const B = 1.5;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;        // [N, H, W, CI/4]
@group(0) @binding(1) var<storage, read_write> v: array<vec4f>;  // [N², tiles, CI/4]
@group(1) @binding(0) var<uniform> params: Params;

// Bᵀ · d
fn transformed(d: array<vec4f, 6>) -> array<vec4f, 6> {
  if (SIDE == 2u) {
    return array<vec4f, 6>(d[2] - d[0], d[2] + d[1], d[2] - d[1], d[3] - d[1], vec4f(), vec4f());
  }
  // x·(x ± A)·(x² − B²) and x·(x ± B)·(x² − A²); (x² − A²)·(x² − B²), and x times that.
  let even_a = d[4] - B * B * d[2];
  let odd_a = A * (d[3] - B * B * d[1]);
  let even_b = d[4] - A * A * d[2];
  let odd_b = B * (d[3] - A * A * d[1]);
  return array<vec4f, 6>(
    d[4] - (A * A + B * B) * d[2] + A * A * B * B * d[0],
    even_a + odd_a,
    even_a - odd_a,
    even_b + odd_b,
    even_b - odd_b,
    d[5] - (A * A + B * B) * d[3] + A * A * B * B * d[1],
  );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.count) { return; }
  let depth = params.ci / 4u;
  let c = i % depth;
  let tile = i / depth;
  // Unsigned: a border crossed upwards wraps round to a large number and fails the test against H or W.
  let left = tile % params.across * SIDE - params.pad_w;
  let top = tile / params.across % params.down * SIDE - params.pad_h;
  let image = tile / (params.across * params.down);

  // Rows of x · B, then Bᵀ · x · B; the place of a row moves up at each turn.
  var tiled: array<vec4f, 36>;
  for (var r = 0u; r < params.rows; r++) {
    var row: array<vec4f, 6>;
    for (var s = 0u; s < N; s++) {
      let inside = top + r < params.h && left + s < params.w && image < params.n;
      let pixel = select(0u, (image * params.h + top + r) * params.w + left + s, inside);
      row[s] = select(vec4f(0.0), x[pixel * depth + c], inside);
    }
    row = transformed(row);
    for (var k = 0u; k < N * N - N; k++) {
      tiled[k] = tiled[k + N];
    }
    for (var s = 0u; s < N; s++) {
      tiled[N * N - N + s] = row[s];
    }
  }
  for (var s = 0u; s < N; s++) {
    var column: array<vec4f, 6>;
    for (var r = 0u; r < N; r++) {
      column[r] = tiled[r * N + s];
    }
    column = transformed(column);
    for (var r = 0u; r < N; r++) {
      tiled[r * N + s] = column[r];
    }
  }

  for (var r = 0u; r < params.rows; r++) {
    for (var s = 0u; s < N; s++) {
      v[((r * N + s) * params.tiles + tile) * depth + c] = tiled[s];
    }
    for (var k = 0u; k < N * N - N; k++) {
      tiled[k] = tiled[k + N];
    }
  }
}
