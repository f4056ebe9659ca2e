// Matrix product, subgroup rung.
//
//   C[m, n] = Σ over k of  A[m, k] · B[k, n],   B[k, n] = b[k, n], or b[n, k] where turned = 1
//
// A group of `span` lanes, a whole subgroup or an equal part of it, owns a 32 × 4·span block of C: each lane keeps 32 rows of its own
// four neighbouring columns in registers. A slab of A, 32 rows × 4·span columns, is loaded once, one vec4 per lane and row, and its
// values are handed round by subgroupShuffle: a loaded element of A meets 4·span columns, one of B meets 32 rows. In a
// subgroup of 8 that is 8 vec4 loads per 512 multiply-adds of vec4s, and no workgroup memory.
//
// A driver that loads lane by lane writes some 500 instructions for one vec4, so the slab comes in by a short loop: each turn moves what is
// there four rows up and loads four behind it. The registers keep constant places, and the code fits the instruction cache.
//
// Rung subgroup: Registers and shuffles take the place of workgroup memory. A lane keeps 32 × 4 outputs, so a vec4 of B that it loads meets 32
// rows; its part of A reaches the other lanes by subgroupShuffle, which exchanges registers. With 8 lanes that is 1/16 of a load per multiply-add,
// and no barrier. A software driver takes a load lane by lane and checks the bounds of each, while a shuffle is one instruction: there this rung
// is the fastest by far. On a GPU so many registers leave room for fewer workgroups at a time, so measure which of the two is faster.
//
// Several products of the same sizes, each behind the one before, are a grid of several layers.
//
// Needs: K and N multiples of 4 (vec4 loads). Any M, any subgroup size.
// Dispatch: [ceil(N / (4·span)), ceil(M / (32 · WORKGROUP / span)), products]

enable subgroups;

struct Params {
  m: u32,
  n: u32,
  k: u32,
  span: u32,  // lanes side by side in a row of the block: a power of two
  loads: u32,  // turns that fill the slab: ROWS / LOADS, given here so that no compiler unrolls them
  turned: u32,
}

override WORKGROUP: u32 = 32;
const ROWS = 32u;
const LOADS = 4u;

@group(0) @binding(0) var<storage, read> a: array<vec4f>;        // [products, M, K/4]
@group(0) @binding(1) var<storage, read> b: array<vec4f>;        // [products, K, N/4], or [products, N, K/4]
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;  // [products, M, N/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  // A narrow block stands several times in the subgroup, side by side: the lanes' groups own different rows.
  let span = min(params.span, lanes);
  let group = lane / span * span;  // first lane of the group
  let place = lane % span;
  let row0 = (workgroup.y * (WORKGROUP / span) + invocation / span) * ROWS;
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.n / 4u;
  let depth = params.k / 4u;
  let turned = params.turned != 0u;
  // Where the workgroup's product begins.
  let a0 = workgroup.z * params.m * depth;
  let b0 = workgroup.z * depth * 4u * columns;
  let c0 = workgroup.z * params.m * columns;

  var sum: array<vec4f, ROWS>;
  for (var k0 = 0u; k0 < depth; k0 += span) {
    // Every lane takes part in the shuffles below, so loads are clamped rather than skipped.
    let k = min(k0 + place, depth - 1u);
    var slab: array<vec4f, ROWS>;
    for (var load = 0u; load < params.loads; load++) {
      for (var r = 0u; r < ROWS - LOADS; r++) {
        slab[r] = slab[r + LOADS];
      }
      for (var r = 0u; r < LOADS; r++) {
        slab[ROWS - LOADS + r] = a[a0 + min(row0 + load * LOADS + r, params.m - 1u) * depth + k];
      }
    }
    for (var q = 0u; q < min(span, depth - k0); q++) {
      // Four rows of B at the lane's four columns: as they lie, or a square to be turned in registers.
      let own = min(column, columns - 1u);
      let first = b0 + select((k0 + q) * 4u * columns + own, own * 4u * depth + k0 + q, turned);
      let step = select(columns, depth, turned);
      var rows = mat4x4f(b[first], b[first + step], b[first + 2u * step], b[first + 3u * step]);
      if (turned) { rows = transpose(rows); }
      for (var r = 0u; r < ROWS; r++) {
        let v = subgroupShuffle(slab[r], group + q);
        sum[r] = fma(vec4f(v.x), rows[0], fma(vec4f(v.y), rows[1], fma(vec4f(v.z), rows[2], fma(vec4f(v.w), rows[3], sum[r]))));
      }
    }
  }

  if (column < columns) {
    for (var r = 0u; r < ROWS && row0 + r < params.m; r++) {
      c[c0 + (row0 + r) * columns + column] = sum[r];
    }
  }
}
