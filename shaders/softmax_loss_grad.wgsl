// Gradient of `softmax_loss.wgsl` with respect to the logits.
//
//   pull[c] = −∂loss/∂log p[c] = share[c] · (1 − p[c])^gamma · (1 + gamma · p[c] · (−log p[c]) / (1 − p[c]))
//   dx[r, c] = dloss[r] · factor · scale · (p[c] · Σ over k of pull[k] − pull[c])
//
// z, p and share are those of the forward pass, from what it kept of each row. dloss has one value a row, or one for all of them (stride 0).
// A workgroup owns a row; its lanes take every LANES-th class.
// Dispatch: grid of rows workgroups

override LANES: u32 = 8;

struct Params {
  rows: u32,
  classes: u32,
  smoothing: f32,
  gamma: f32,
  scale: f32,
  stride: u32,  // of dloss: 1 or 0
  factor: f32,  // 1, or 1 / rows behind a mean
}

struct ClassTerms {
  weight: f32,
  log_prior: f32,
  margin: f32,
}

struct Row {
  anchor: f32,   // largest logit
  largest: f32,  // z, of the logits less the anchor
  log_sum: f32,  // log Σ exp(z − largest)
  pull: f32,     // Σ over c of pull[c]
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows, C]
@group(0) @binding(1) var<storage, read> targets: array<f32>;       // [rows, C]: t
@group(0) @binding(2) var<storage, read> terms: array<ClassTerms>;  // [C]
@group(0) @binding(3) var<storage, read> kept: array<Row>;          // [rows]
@group(0) @binding(4) var<storage, read> dloss: array<f32>;         // [rows] or [1]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;      // [rows, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  if (row >= params.rows) { return; }
  let of_row = kept[row];
  let incoming = dloss[row * params.stride] * params.factor * params.scale;
  for (var c = lane; c < params.classes; c += LANES) {
    let i = row * params.classes + c;
    let t = targets[i];
    let term = terms[c];
    let z = params.scale * ((x[i] - of_row.anchor) - term.margin * t) + term.log_prior;
    let log_p = z - of_row.largest - of_row.log_sum;
    let p = exp(log_p);
    let share = term.weight * ((1.0 - params.smoothing) * t + params.smoothing / f32(params.classes));
    var pull = share;
    // Without a share there is no pull, and a log p of −∞ would make it NaN.
    if (params.gamma != 0.0 && share != 0.0) {
      let rest = max(1.0 - p, 1e-7);  // nearer to 0 than float32 can tell
      pull *= pow(rest, params.gamma) * (1.0 - params.gamma * p * log_p / rest);
    }
    dx[i] = incoming * (p * of_row.pull - pull);
  }
}
