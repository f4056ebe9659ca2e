// The losses of a softmax classifier in one formula. Each adds to plain cross-entropy a term or a factor, which is neutral where left out.
//
//   z[c] = scale · (x[r, c] − margin[c] · t[r, c]) + log_prior[c],   p = softmax(z)
//   share[c] = weight[c] · ((1 − smoothing) · t[r, c] + smoothing / C)
//   loss[r] = Σ over c of  share[c] · (1 − p[c])^gamma · (−log p[c])
//
//   neutral: weight 1, log_prior 0, margin 0, smoothing 0, gamma 0, scale 1
//   class weights, label smoothing, soft targets: share    focal loss: gamma, its α in weight
//   balanced softmax, logit adjustment: log_prior          LDAM: margin, scale
//
// z is taken relative to the row's largest logit before it is scaled, and to its own largest before exp: logits of ±1e4 do no harm.
// What `softmax_loss_grad.wgsl` needs of each row is kept: pull = Σ over c of −∂loss/∂log p[c], and what p is computed from.
// A workgroup owns a row; its lanes take every LANES-th class, and what they found is added in their order.
// Dispatch: grid of rows workgroups

override LANES: u32 = 8;

struct Params {
  rows: u32,
  classes: u32,
  smoothing: f32,
  gamma: f32,
  scale: f32,
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
  pull: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [rows, C]
@group(0) @binding(1) var<storage, read> targets: array<f32>;       // [rows, C]: t
@group(0) @binding(2) var<storage, read> terms: array<ClassTerms>;  // [C]
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;    // [rows]
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;  // [rows]: Σ over c of weight[c] · t[r, c]
@group(0) @binding(5) var<storage, read_write> kept: array<Row>;    // [rows]
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> parts: array<vec3f, LANES>;

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

// The larger one, and NaN where either is: max and exp lose it on some drivers.
fn larger(a: f32, b: f32) -> f32 { return select(a, b, b > a || is_nan(b)); }

fn sum_of_lanes(lane: u32, own: vec3f) -> vec3f {
  parts[lane] = own;
  workgroupBarrier();
  var sum = parts[0];
  for (var i = 1u; i < LANES; i++) { sum += parts[i]; }
  workgroupBarrier();
  return sum;
}

fn max_of_lanes(lane: u32, own: f32) -> f32 {
  parts[lane].x = own;
  workgroupBarrier();
  var largest = parts[0].x;
  for (var i = 1u; i < LANES; i++) { largest = larger(largest, parts[i].x); }
  workgroupBarrier();
  return largest;
}

fn z(i: u32, c: u32, anchor: f32) -> f32 {
  return params.scale * ((x[i] - anchor) - terms[c].margin * targets[i]) + terms[c].log_prior;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  if (row >= params.rows) { return; }
  let first = row * params.classes;

  var anchor = x[first];
  for (var c = lane; c < params.classes; c += LANES) { anchor = larger(anchor, x[first + c]); }
  anchor = max_of_lanes(lane, anchor);
  var largest = z(first, 0u, anchor);
  for (var c = lane; c < params.classes; c += LANES) { largest = larger(largest, z(first + c, c, anchor)); }
  largest = max_of_lanes(lane, largest);
  var sum = 0.0;
  for (var c = lane; c < params.classes; c += LANES) { sum += exp(z(first + c, c, anchor) - largest); }
  let log_sum = log(sum_of_lanes(lane, vec3f(sum)).x);

  var found = vec3f();  // loss, weight, pull
  for (var c = lane; c < params.classes; c += LANES) {
    let t = targets[first + c];
    let share = terms[c].weight * ((1.0 - params.smoothing) * t + params.smoothing / f32(params.classes));
    // So that a logit of −∞ does no harm where nothing is asked of its class. A share of NaN goes on.
    if (share == 0.0) { continue; }
    let log_p = z(first + c, c, anchor) - largest - log_sum;
    let p = exp(log_p);
    let rest = max(1.0 - p, 1e-7);  // nearer to 0 than float32 can tell
    let focus = select(pow(rest, params.gamma), 1.0, params.gamma == 0.0);
    found += vec3f(-share * focus * log_p, terms[c].weight * t, share * focus * (1.0 - params.gamma * p * log_p / rest));
  }
  found = sum_of_lanes(lane, found);
  if (lane != 0u) { return; }
  loss[row] = found.x;
  weight[row] = found.y;
  kept[row] = Row(anchor, largest, log_sum, found.z);
}
