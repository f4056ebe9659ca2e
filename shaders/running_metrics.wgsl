// Adds a batch to the sums that a training reports: loss, right predictions, samples.
//
//   total[0] += rows · loss,   total[1] += number of rows whose largest logit (the first of equals) is their label's,   total[2] += rows
//
// total[3] counts the batches, and total[4] is the number of the first, from 0, whose loss is no number or infinite; −1 while there is none.
// One workgroup; each invocation counts every 64th row, and the first adds their counts in order. The counts are exact up to 2²⁴.
// Dispatch: [1, 1, 1]

struct Params {
  rows: u32,
  classes: u32,
  tolerant: u32,  // 1: a batch whose loss is not finite is left out
}

@group(0) @binding(0) var<storage, read> loss: array<f32>;          // [1], mean over the batch
@group(0) @binding(1) var<storage, read> logits: array<f32>;        // [rows, classes]
@group(0) @binding(2) var<storage, read> labels: array<u32>;        // [rows]
@group(0) @binding(3) var<storage, read_write> total: array<f32>;   // [5]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> counts: array<u32, 64>;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) invocation: u32) {
  var correct = 0u;
  for (var row = invocation; row < params.rows; row += 64u) {
    var best = 0u;
    // A row with a NaN has no largest logit, and is not counted as right.
    var decided = !is_nan(logits[row * params.classes]);
    for (var c = 1u; c < params.classes; c++) {
      let logit = logits[row * params.classes + c];
      decided = decided && !is_nan(logit);
      if (logit > logits[row * params.classes + best]) { best = c; }
    }
    correct += select(0u, 1u, decided && best == labels[row]);
  }
  counts[invocation] = correct;
  workgroupBarrier();
  if (invocation != 0u) { return; }
  let is_bad = (bitcast<u32>(loss[0]) & 0x7f800000u) == 0x7f800000u;
  if (is_bad && params.tolerant != 0u) { return; }
  var sum = 0u;
  for (var i = 0u; i < 64u; i++) { sum += counts[i]; }
  total[0] += f32(params.rows) * loss[0];
  total[1] += f32(sum);
  total[2] += f32(params.rows);
  if (total[4] < 0.0 && is_bad) { total[4] = total[3]; }
  total[3] += 1.0;
}
