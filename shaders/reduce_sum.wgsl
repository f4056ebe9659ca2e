// Sums over the middle dimension, in slices.
//
//   y[o, s, i] = factor · Σ over r ≡ s (mod slices) of  x[o, r, i]
//
// A workgroup owns COLUMNS results beside each other, and each of them has 64 / COLUMNS of its invocations: these take the rows in turn, and the first
// adds up what they found. All orders are fixed, so the result is the same bit for bit on every run. A sum too long for that is taken twice: first
// into slices, then, with slices = 1, over these.
// T is f32, or vec4f where inner is a multiple of 4: four neighbours of the last dimension at once, and a fourth of inner counted below.
// Dispatch: [ceil(outer·slices·inner / COLUMNS) over two dimensions]

alias T = f32;
alias E = f32;  // as which x is stored: f16 in half precision

override COLUMNS: u32 = 64;  // a power of two, at most 64

struct Params {
  count: u32,   // outer · slices · inner
  rows: u32,
  inner: u32,
  slices: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<E>;        // [outer, rows, inner]
@group(0) @binding(1) var<storage, read_write> y: array<T>;  // [outer, slices, inner]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> sums: array<T, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let i = (group.y * groups.x + group.x) * COLUMNS + invocation % COLUMNS;
  let inner = i % params.inner;
  let slice = i / params.inner % params.slices;
  let outer = i / (params.inner * params.slices);
  // Behind the last result there are no rows.
  let rows = select(0u, params.rows, i < params.count);
  var sum = T(0.0);
  for (var r = slice + invocation / COLUMNS * params.slices; r < rows; r += 64u / COLUMNS * params.slices) {
    sum += T(x[(outer * params.rows + r) * params.inner + inner]);
  }
  if (COLUMNS < 64u) {
    sums[invocation] = sum;
    workgroupBarrier();
    if (invocation < COLUMNS) {
      for (var other = invocation + COLUMNS; other < 64u; other += COLUMNS) { sum += sums[other]; }
    }
  }
  if (invocation < COLUMNS && i < params.count) { y[i] = params.factor * sum; }
}
