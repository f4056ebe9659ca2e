// Dynamic scaling of the loss, after the backward pass of a step: looks whether the gradients are finite, and moves the scale on.
//
//   skips = some sum of squares of the gradients is an infinity or NaN
//   factor = 1 / scale                                       (what the gradients are multiplied by, before the scale moves on)
//   skips:  scale = backoff · scale,  good = 0
//   else:   good = good + 1;  every `interval` good steps in a row  scale = growth · scale, where that is finite, and good = 0
//
// One workgroup. Half precision has a narrow range: the gradient of the loss is multiplied by the scale, so that small gradients further down do not become
// 0, and where large ones become infinite the step is skipped and the next one done with a smaller scale.
// Source: Micikevicius et al., "Mixed precision training", ICLR 2018; the rule is that of PyTorch's GradScaler.
// Dispatch: [1]

struct Params {
  pieces: u32,
  growth: f32,
  backoff: f32,
  interval: u32,
}

// Places in the state.
const GOOD = 0u;      // good steps in a row since the scale last changed
const SKIPPED = 1u;   // steps skipped in all
const IN_A_ROW = 2u;  // steps skipped in a row
const SKIPS = 3u;     // 1: this step is skipped

@group(0) @binding(0) var<storage, read> partial: array<f32>;       // [pieces], sums of squares
@group(0) @binding(1) var<storage, read_write> scale: array<f32>;   // [1]
@group(0) @binding(2) var<storage, read_write> state: array<f32>;   // [4]
@group(0) @binding(3) var<storage, read_write> factor: array<f32>;  // [1]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> found: array<u32, 256>;

// By its bits, as a compiler may take it that numbers are finite.
fn is_finite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) invocation: u32) {
  var bad = 0u;
  for (var p = invocation; p < params.pieces; p += 256u) {
    if (!is_finite(partial[p])) { bad = 1u; }
  }
  found[invocation] = bad;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (invocation < half) { found[invocation] |= found[invocation + half]; }
  }
  if (invocation != 0u) { return; }
  factor[0] = 1.0 / scale[0];
  state[SKIPS] = f32(found[0]);
  if (found[0] != 0u) {
    scale[0] *= params.backoff;
    state[GOOD] = 0.0;
    state[SKIPPED] += 1.0;
    state[IN_A_ROW] += 1.0;
    return;
  }
  state[IN_A_ROW] = 0.0;
  state[GOOD] += 1.0;
  if (state[GOOD] >= f32(params.interval)) {
    let grown = scale[0] * params.growth;
    if (is_finite(grown)) { scale[0] = grown; }
    state[GOOD] = 0.0;
  }
}
