// The peak that `wgrad ladder` measures the kernels by: fused multiply-adds in registers, and nothing else.
//
//   x ← x · factor + offset,   CHAINS vec4s of x in each invocation, UNROLLED · turns times
//
// A multiply-add waits for the one before it in its chain, not for those of other chains, so that the arithmetic units always have work; nothing is
// loaded but the params, and a loop whose end is known is written out by the driver, so that counting costs little. The sum that is written keeps the
// compiler from leaving any of it out. Used by the ladder alone.
// Dispatch: grid of count invocations, 256 to a workgroup

struct Params {
  count: u32,
  turns: u32,
  factor: f32,
  offset: f32,
}

const CHAINS = 8u;
const UNROLLED = 4u;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;  // [count]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let factor = vec4f(params.factor);
  let offset = vec4f(params.offset);
  var x: array<vec4f, CHAINS>;
  for (var c = 0u; c < CHAINS; c++) {
    x[c] = vec4f(vec4u(i, i + 1u, i + 2u, i + 3u)) * f32(c);
  }
  for (var t = 0u; t < params.turns; t++) {
    for (var u = 0u; u < UNROLLED; u++) {
      for (var c = 0u; c < CHAINS; c++) {
        x[c] = fma(x[c], factor, offset);
      }
    }
  }
  var sum = vec4f(0.0);
  for (var c = 0u; c < CHAINS; c++) {
    sum += x[c];
  }
  y[i] = sum.x + sum.y + sum.z + sum.w;
}
