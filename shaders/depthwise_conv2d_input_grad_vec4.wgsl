// Gradient of a depthwise 2-D convolution with respect to its input, vec4 rung: a window that rolls down the gradient.
//
//   dX[n, ih, iw, c] = Σ over i, j of  dY[n, p − i, q − j, c] · W[i·stride_h + a, j·stride_w + b, c]
//     where ih + pad = p·stride_h + a, iw + pad = q·stride_w + b, 0 ≤ a < stride_h, 0 ≤ b < stride_w
//
// An invocation owns four neighbouring channels (vec4) of TILE neighbouring blocks of STRIDE_H × STRIDE_W elements of dX, all those with one
// p, and walks down `run` rows of blocks of `images` images. It keeps the last rows of dY, so that it loads each once.
// The arrays are as long as the longest loops over them, so that a driver unrolls the
// loops and keeps all of it in registers; what the overrides leave out vanishes.
// At stride 1 `depthwise_conv2d_vec4.wgsl` with its taps turned does the same in fewer registers.
//
// Needs: C = CO a multiple of 4, KH and KW at most 5, strides 1 or 2, TILE at most 2; `grouped_conv2d_input_grad_naive.wgsl` takes any.
// Dispatch: grid of ceil(N / images)·ceil(blocks in a column / run)·ceil(blocks in a row / TILE)·C/4 invocations, 64 to a workgroup

struct Params {
  n: u32,
  h: u32,
  w: u32,
  columns: u32,   // C/4
  oh: u32,
  ow: u32,
  pad_h: u32,     // as if the first tap that is used were the window's first
  pad_w: u32,
  first_h: u32,   // the taps used are KH × KW from here on: the others meet the padding only
  first_w: u32,
  kernel_w: u32,  // of the array of weights
  block_row: u32,     // p of the first row of blocks that holds elements of dX
  block_column: u32,  // q of the first column of blocks
  block_rows: u32,    // how many rows of blocks there are
  tiles: u32,         // ceil(blocks in a row / TILE)
  run: u32,
  runs: u32,          // ceil(block_rows / run)
  images: u32,
}

override KH: u32 = 3;
override KW: u32 = 3;
override STRIDE_H: u32 = 1;
override STRIDE_W: u32 = 1;
override TILE: u32 = 2;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;        // [N, OH, OW, C/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;    // [·, kernel_w, 1, C/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;  // [N, H, W, C/4]
@group(1) @binding(0) var<uniform> params: Params;

// Four channels of each tap.
var<private> taps: array<array<vec4f, 5>, 5>;
// Rows of dY, i rows above the newest; column j lies COLUMNS − 1 − j left of the tile's first.
var<private> recent: array<array<vec4f, 6>, 5>;

// Writes element (a, b) of block t of the tile, if dX has it.
fn put(a: u32, b: u32, t: u32, n: u32, p: u32, q: u32, column: u32) {
  // Unsigned: before the borders wraps round to a large number.
  let ih = p * STRIDE_H + a - params.pad_h;
  let iw = (q + t) * STRIDE_W + b - params.pad_w;
  var sum = vec4f(0.0);
  for (var i = 0u; i < 5u; i++) {
    let kh = i * STRIDE_H + a;
    if (kh < KH) {
      for (var j = 0u; j < 5u; j++) {
        let kw = j * STRIDE_W + b;
        if (kw < KW) {
          sum = fma(recent[i][t + (KW - 1u) / STRIDE_W - j], taps[kh][kw], sum);
        }
      }
    }
  }
  if (ih < params.h && iw < params.w) { dx[((n * params.h + ih) * params.w + iw) * params.columns + column] = sum; }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let place = id.y * groups.x * 64u + id.x;
  let column = place % params.columns;
  let q = params.block_column + place / params.columns % params.tiles * TILE;
  let first = place / (params.columns * params.tiles) % params.runs * params.run;
  let n0 = place / (params.columns * params.tiles * params.runs) * params.images;
  if (n0 >= params.n) { return; }
  for (var kh = 0u; kh < 5u; kh++) {
    for (var kw = 0u; kw < 5u; kw++) {
      if (kh < KH && kw < KW) {
        taps[kh][kw] = weight[((params.first_h + kh) * params.kernel_w + params.first_w + kw) * params.columns + column];
      }
    }
  }

  let rows = (KH + STRIDE_H - 1u) / STRIDE_H;
  let reach = (KW - 1u) / STRIDE_W;
  let steps = min(params.run, params.block_rows - first) + rows - 1u;
  for (var n = n0; n < min(n0 + params.images, params.n); n++) {
    for (var step = 0u; step < steps; step++) {
      // The row of blocks that this row of dY completes; the first steps only gather the rows above.
      let p = params.block_row + first + step - (rows - 1u);
      // Counting upwards: drivers unroll no loop that counts an unsigned number down.
      for (var r = 0u; r < 4u; r++) {
        let i = 4u - r;
        for (var j = 0u; j < 6u; j++) { recent[i][j] = recent[i - 1u][j]; }
      }
      for (var j = 0u; j < 6u; j++) {
        let ow = q + j - reach;
        recent[0][j] = vec4f(0.0);
        if (j < TILE + reach && p < params.oh && ow < params.ow) {
          recent[0][j] = dy[((n * params.oh + p) * params.ow + ow) * params.columns + column];
        }
      }
      if (step + 1u >= rows) {
        put(0u, 0u, 0u, n, p, q, column);
        if (TILE > 1u) { put(0u, 0u, 1u, n, p, q, column); }
        if (STRIDE_W > 1u) {
          put(0u, 1u, 0u, n, p, q, column);
          if (TILE > 1u) { put(0u, 1u, 1u, n, p, q, column); }
        }
        if (STRIDE_H > 1u) {
          put(1u, 0u, 0u, n, p, q, column);
          if (TILE > 1u) { put(1u, 0u, 1u, n, p, q, column); }
          if (STRIDE_W > 1u) {
            put(1u, 1u, 0u, n, p, q, column);
            if (TILE > 1u) { put(1u, 1u, 1u, n, p, q, column); }
          }
        }
      }
    }
  }
}
