// Puts a batch together from a data set of bytes: gather by index, random crop with padding, horizontal flip, normalisation.
//
//   Y[b, h, w, c] = table[c, byte(index[b], h + top − pad, w' + left − pad, c)],   table[c, v] = (v / 255 − mean[c]) / std[c]
//     where w' = W − 1 − w in a flipped image, else w; a byte outside the image is 0 (black, as torchvision's RandomCrop pads)
//
// The 256 values of a channel are computed on the host, so they are the same on every adapter.
// top and left are uniform in 0 … 2·pad, the flip has its probability: drawn per sample by Philox from the counter
// (b, offset, 0, 0) and the seed, so the same step of the same training gives the same batch. An invocation owns a pixel.
// Dispatch: [ceil(H·W / 64), B]

struct Params {
  h: u32,
  w: u32,
  c: u32,
  pad: u32,
  flip: f32,       // probability
  seed_low: u32,
  seed_high: u32,
  offset: u32,
}

@group(0) @binding(0) var<storage, read> bytes: array<u32>;    // [images · H · W · C / 4], four bytes a word, lowest first
@group(0) @binding(1) var<storage, read> index: array<u32>;    // [B]
@group(0) @binding(2) var<storage, read> table: array<f32>;    // [C, 256]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;  // [B, H, W, C]
@group(1) @binding(0) var<uniform> params: Params;

// Philox4x32-10 (Salmon et al., SC 2011), as in src/runtime/philox.ts: four random u32 for each counter and key.
fn mul_high(a: u32, b: u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let carried = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (carried >> 16u);
}

fn philox(start: vec4u, first_key: vec2u) -> vec4u {
  var counter = start;
  var key = first_key;
  for (var round = 0u; round < 10u; round++) {
    counter = vec4u(
      mul_high(0xcd9e8d57u, counter.z) ^ counter.y ^ key.x,
      0xcd9e8d57u * counter.z,
      mul_high(0xd2511f53u, counter.x) ^ counter.w ^ key.y,
      0xd2511f53u * counter.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixel = id.x;
  if (pixel >= params.h * params.w) { return; }
  let b = id.y;
  let row = pixel / params.w;
  let column = pixel - row * params.w;

  // Unsigned: above and left of the image wraps round to a large number.
  var from_row = row;
  var from_column = column;
  if (params.pad > 0u || params.flip > 0.0) {
    let random = philox(vec4u(b, params.offset, 0u, 0u), vec2u(params.seed_low, params.seed_high));
    let span = 2u * params.pad + 1u;
    let flipped = f32(random.z >> 8u) * 0x1p-24f < params.flip;
    from_row = row + random.x % span - params.pad;
    from_column = select(column, params.w - 1u - column, flipped) + random.y % span - params.pad;
  }
  let inside = from_row < params.h && from_column < params.w;
  let first = ((index[b] * params.h + from_row) * params.w + from_column) * params.c;
  let to = (b * params.h * params.w + pixel) * params.c;
  for (var c = 0u; c < params.c; c++) {
    var byte = 0u;
    if (inside) { byte = (bytes[(first + c) / 4u] >> (8u * ((first + c) % 4u))) & 0xffu; }
    y[to + c] = table[c * 256u + byte];
  }
}
