// Matrix product, blocked rung.
//
//   C[m, n] = Σ over k of  A[m, k] · B[k, n]
//
// A workgroup owns a block of ROWS × COLUMNS of the result, each invocation THREAD_ROWS × THREAD_COLUMNS of it in registers. Slabs of both operands,
// DEPTH deep, pass through workgroup memory, which holds two of each: while one is multiplied, the next is on its way from the buffers, and one barrier
// is enough for a slab. Slice s of the sum takes `slice_steps` slabs from s·slice_steps on; `reduce_sum.wgsl` adds the slices in a fixed order.
//
// The constants are set for the adapter and the shape: `src/runtime/tiles.ts` lists the sets, `src/kernels/tune_rungs.ts` finds the fastest.
//
// Rung blocked: The tile of `matmul_tiled.wgsl`, of whatever size pays. An invocation that owns 8 × 8 outputs reads 16 numbers of workgroup memory for
// 64 multiply-adds, a quarter for each in the place of a half; a block of 128 × 128 loads 1/64 of a number from buffers for each. All loads are of four
// numbers. The next slab is asked for before this one is multiplied, so that the wait for it is filled, and with two slabs nobody has to wait until all
// are done reading: one barrier, not two. Larger parts need more registers, so fewer workgroups run at a time, and small results make too few of them:
// which tile is best is measured on each adapter.
//
// Needs: K and N multiples of 4. Any M.
// Dispatch: [ceil(N / COLUMNS), ceil(M / ROWS), slices]

struct Params {
  m: u32,
  n: u32,
  k: u32,
  slice_steps: u32,  // slabs of a slice
}

@group(0) @binding(0) var<storage, read> a: array<vec4f>;        // [M, K/4]
@group(0) @binding(1) var<storage, read> b: array<vec4f>;        // [K, N/4]
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;  // [slices, M, N/4]
@group(1) @binding(0) var<uniform> params: Params;

const ROWS = 64u;
const COLUMNS = 64u;
const DEPTH = 16u;
const THREAD_ROWS = 4u;
const THREAD_COLUMNS = 4u;
const INVOCATIONS = 256u;

const QUADS = COLUMNS / 4u;              // vec4s of a row of the block
const DEPTH_QUADS = DEPTH / 4u;
const ACROSS = COLUMNS / THREAD_COLUMNS;  // invocations side by side
const DOWN = ROWS / THREAD_ROWS;
const OWN = THREAD_COLUMNS / 4u;          // vec4s of a row that an invocation owns
const SLAB_A = ROWS * DEPTH_QUADS;        // vec4s of a slab
const SLAB_B = DEPTH * QUADS;
const LOADS_A = (SLAB_A + INVOCATIONS - 1u) / INVOCATIONS;  // of an invocation
const LOADS_B = (SLAB_B + INVOCATIONS - 1u) / INVOCATIONS;
const_assert INVOCATIONS == ACROSS * DOWN;

var<workgroup> slab_a: array<vec4f, 2u * SLAB_A>;  // [2, DEPTH/4, ROWS], each four neighbours along k
var<workgroup> slab_b: array<vec4f, 2u * SLAB_B>;  // [2, DEPTH, COLUMNS/4]

// Adds the product of two slabs to what an invocation owns: rows and vec4s of columns that lie as far apart as there are invocations beside each other,
// so that neighbours read neighbouring words.
fn multiply(sum: ptr<function, array<vec4f, THREAD_ROWS * OWN>>, slab: u32, down: u32, across: u32) {
  for (var q = 0u; q < DEPTH_QUADS; q++) {
    var rows: array<vec4f, 4u * OWN>;
    for (var k = 0u; k < 4u; k++) {
      for (var c = 0u; c < OWN; c++) {
        rows[k * OWN + c] = slab_b[slab * SLAB_B + (q * 4u + k) * QUADS + c * ACROSS + across];
      }
    }
    for (var r = 0u; r < THREAD_ROWS; r++) {
      let v = slab_a[slab * SLAB_A + q * ROWS + r * DOWN + down];
      for (var c = 0u; c < OWN; c++) {
        let low = fma(vec4f(v.x), rows[c], fma(vec4f(v.y), rows[OWN + c], (*sum)[r * OWN + c]));
        (*sum)[r * OWN + c] = fma(vec4f(v.z), rows[2u * OWN + c], fma(vec4f(v.w), rows[3u * OWN + c], low));
      }
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let across = invocation % ACROSS;
  let down = invocation / ACROSS;
  let row0 = workgroup.y * ROWS;
  let column0 = workgroup.x * QUADS;  // in vec4s
  let columns = params.n / 4u;
  let depth = params.k / 4u;
  let steps = (depth + DEPTH_QUADS - 1u) / DEPTH_QUADS;
  let first = workgroup.z * params.slice_steps;
  let end = min(first + params.slice_steps, steps);

  // What this invocation loads: of A one vec4 along k in rows some way apart, of B one column in rows some way apart.
  let load_k = invocation % DEPTH_QUADS;
  let load_row = invocation / DEPTH_QUADS;
  let load_column = invocation % QUADS;
  let load_depth = invocation / QUADS;
  let column = column0 + load_column;

  // The first turn only loads, the last only multiplies.
  var sum: array<vec4f, THREAD_ROWS * OWN>;
  for (var step = first; step <= end; step++) {
    var next_a: array<vec4f, LOADS_A>;
    var next_b: array<vec4f, LOADS_B>;
    if (step < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let row = min(row0 + load_row + i * (INVOCATIONS / DEPTH_QUADS), params.m - 1u);
        let k = step * DEPTH_QUADS + load_k;
        next_a[i] = select(vec4f(0.0), a[row * depth + min(k, depth - 1u)], k < depth);
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let k = step * DEPTH + load_depth + i * (INVOCATIONS / QUADS);
        let inside = k < params.k && column < columns;
        next_b[i] = select(vec4f(0.0), b[select(0u, k * columns + column, inside)], inside);
      }
    }
    if (step > first) { multiply(&sum, (step - 1u) % 2u, down, across); }
    if (step < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let row = load_row + i * (INVOCATIONS / DEPTH_QUADS);
        if (row < ROWS) { slab_a[step % 2u * SLAB_A + load_k * ROWS + row] = next_a[i]; }
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let k = load_depth + i * (INVOCATIONS / QUADS);
        if (k < DEPTH) { slab_b[step % 2u * SLAB_B + k * QUADS + load_column] = next_b[i]; }
      }
      workgroupBarrier();
    }
  }

  for (var r = 0u; r < THREAD_ROWS; r++) {
    let row = row0 + r * DOWN + down;
    for (var q = 0u; q < OWN; q++) {
      let own = column0 + q * ACROSS + across;
      if (row < params.m && own < columns) { c[(workgroup.z * params.m + row) * columns + own] = sum[r * OWN + q]; }
    }
  }
}
