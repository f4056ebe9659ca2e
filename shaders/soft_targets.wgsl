// Targets of mixed images: a share λ for the class of the image, 1 − λ for that of its partner.
//
//   Y[b, c] = λ[b] · [c = labels[b]] + (1 − λ[b]) · [c = labels[partner[b]]]
//
// Dispatch: grid of B·classes invocations, 256 to a workgroup

struct Params {
  count: u32,    // B · classes
  classes: u32,
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;   // [B]
@group(0) @binding(1) var<storage, read> partner: array<u32>;  // [B]
@group(0) @binding(2) var<storage, read> lambda: array<f32>;   // [B]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;  // [B, classes]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= params.count) { return; }
  let b = at / params.classes;
  let class_of_column = at - b * params.classes;
  let own = select(0.0, lambda[b], labels[b] == class_of_column);
  y[at] = own + select(0.0, 1.0 - lambda[b], labels[partner[b]] == class_of_column);
}
