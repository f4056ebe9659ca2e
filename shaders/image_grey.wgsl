// Mean grey of each image, about which contrast is changed.
//
//   y[n] = Σ over c of luma[c] · (Σ over h, w of byte(n, h, w, c)) / (255 · H · W)
//
// The sums of bytes are whole numbers and exact, so the same on every adapter. An invocation owns an image.
// Dispatch: grid of N invocations, 64 to a workgroup

struct Params {
  count: u32,
  pixels: u32,  // H · W
  c: u32,       // 1 to 4
}

@group(0) @binding(0) var<storage, read> bytes: array<u32>;    // [N · H · W · C / 4], four bytes a word, lowest first
@group(0) @binding(1) var<storage, read> luma: array<f32>;     // [C], of sum 1
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [N]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let n = id.y * groups.x * 64u + id.x;
  if (n >= params.count) { return; }
  var sums = vec4u();
  var at = n * params.pixels * params.c;
  for (var pixel = 0u; pixel < params.pixels; pixel++) {
    for (var c = 0u; c < params.c; c++) {
      sums[c] += (bytes[at / 4u] >> (8u * (at % 4u))) & 0xffu;
      at++;
    }
  }
  var grey = 0.0;
  for (var c = 0u; c < params.c; c++) { grey += luma[c] * f32(sums[c]); }
  y[n] = grey / (255.0 * f32(params.pixels));
}
