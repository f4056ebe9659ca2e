// Puts a batch together as `image_batch.wgsl` does, and changes each image as strongly as its class is to be: crop, flip, rotation and
// translation with bilinear interpolation, brightness, contrast, saturation, cutout.
//
//   position:  (x, y) from the middle of the image, x → −x in a flipped one; rotated by the angle; shifted by crop and translation
//   v1 = brightness · v                                       v: the bytes around the position / 255, interpolated; outside is 0 (black)
//   v2 = v1 + (contrast − 1) · (v1 − brightness · grey)       grey: the image's mean, of `image_grey.wgsl`
//   v3 = v2 + (saturation − 1) · (v2 − Σ luma · v2),   Y[b, h, w, c] = (v3 clamped to 0 … 1 − mean[c]) / std[c],   0 inside the cutout's square
//
// What is drawn is uniform: top and left of the crop in 0 … 2·padding, the angle in ± rotation, the translation in ± translation on each
// axis, each factor of colour in 1 ± its magnitude, the middle of the square among all pixels. Philox draws it per sample from the
// counters (b, offset, 0, 0), which `image_batch.wgsl` draws the same crop and flip from, and (b, offset, 1 … 2, 2).
// An invocation owns a pixel.
// Dispatch: [ceil(H·W / 64), B]

struct Params {
  h: u32,
  w: u32,
  c: u32,          // 1 to 4
  seed_low: u32,
  seed_high: u32,
  offset: u32,
}

struct Magnitudes {
  padding: f32,      // pixels, whole
  flip: f32,         // probability
  rotation: f32,     // radians, at most π/4
  translation: f32,  // pixels
  brightness: f32,
  contrast: f32,
  saturation: f32,
  cutout: f32,       // side in pixels, whole
}

struct Channel {
  mean: f32,
  factor: f32,  // 1 / std
  luma: f32,    // share in grey
}

@group(0) @binding(0) var<storage, read> bytes: array<u32>;              // [images · H · W · C / 4], four bytes a word, lowest first
@group(0) @binding(1) var<storage, read> labels: array<u32>;             // [images]
@group(0) @binding(2) var<storage, read> grey: array<f32>;               // [images]
@group(0) @binding(3) var<storage, read> index: array<u32>;              // [B]
@group(0) @binding(4) var<storage, read> magnitudes: array<Magnitudes>;  // [classes]
@group(0) @binding(5) var<storage, read> channels: array<Channel>;       // [C]
@group(0) @binding(6) var<storage, read_write> y: array<f32>;            // [B, H, W, C]
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

// Uniform in [0, 1) and in [−1, 1).
fn uniform_of(word: u32) -> f32 { return f32(word >> 8u) * 0x1p-24f; }
fn signed_of(word: u32) -> f32 { return 2.0 * uniform_of(word) - 1.0; }

// The bytes of a pixel; 0 outside the image.
fn bytes_at(image: u32, row: i32, column: i32) -> vec4f {
  if (row < 0 || column < 0 || row >= i32(params.h) || column >= i32(params.w)) { return vec4f(); }
  var found = vec4f();
  var at = ((image * params.h + u32(row)) * params.w + u32(column)) * params.c;
  for (var c = 0u; c < params.c; c++) {
    found[c] = f32((bytes[at / 4u] >> (8u * (at % 4u))) & 0xffu);
    at++;
  }
  return found;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixel = id.x;
  if (pixel >= params.h * params.w) { return; }
  let b = id.y;
  let row = pixel / params.w;
  let column = pixel - row * params.w;
  let image = index[b];
  let strength = magnitudes[labels[image]];
  let key = vec2u(params.seed_low, params.seed_high);
  let first = philox(vec4u(b, params.offset, 0u, 0u), key);
  let second = philox(vec4u(b, params.offset, 1u, 2u), key);
  let third = philox(vec4u(b, params.offset, 2u, 2u), key);

  // Where the pixel comes from. sin and cos by their series, which at these angles err by less than 1e-6; WGSL's own may err by 5e-4.
  let span = 2u * u32(strength.padding) + 1u;
  let crop = vec2f(f32(first.y % span), f32(first.x % span)) - strength.padding;
  let angle = strength.rotation * signed_of(first.w);
  let a2 = angle * angle;
  let sine = angle * (1.0 - a2 / 6.0 * (1.0 - a2 / 20.0 * (1.0 - a2 / 42.0)));
  let cosine = 1.0 - a2 / 2.0 * (1.0 - a2 / 12.0 * (1.0 - a2 / 30.0 * (1.0 - a2 / 56.0)));
  let middle = 0.5 * vec2f(f32(params.w) - 1.0, f32(params.h) - 1.0);
  var place = vec2f(f32(column), f32(row)) - middle;
  if (uniform_of(first.z) < strength.flip) { place.x = -place.x; }
  place = vec2f(cosine * place.x + sine * place.y, cosine * place.y - sine * place.x);
  place += middle + crop + strength.translation * vec2f(signed_of(second.x), signed_of(second.y));

  let corner = floor(place);
  let share = place - corner;
  let left = i32(corner.x);
  let top = i32(corner.y);
  let above = mix(bytes_at(image, top, left), bytes_at(image, top, left + 1), share.x);
  let below = mix(bytes_at(image, top + 1, left), bytes_at(image, top + 1, left + 1), share.x);
  var v = mix(above, below, share.y) / 255.0;

  let brightness = 1.0 + strength.brightness * signed_of(second.z);
  v *= brightness;
  v += strength.contrast * signed_of(second.w) * (v - brightness * grey[image]);
  var own_grey = 0.0;
  for (var c = 0u; c < params.c; c++) { own_grey += channels[c].luma * v[c]; }
  v += strength.saturation * signed_of(third.x) * (v - own_grey);
  v = clamp(v, vec4f(0.0), vec4f(1.0));

  // The square's first row and column; unsigned, so that above and left of it wraps round to a large number.
  let side = u32(strength.cutout);
  let cut = row - (third.y % params.h - side / 2u) < side && column - (third.z % params.w - side / 2u) < side;
  let to = (b * params.h * params.w + pixel) * params.c;
  for (var c = 0u; c < params.c; c++) {
    y[to + c] = select((v[c] - channels[c].mean) * channels[c].factor, 0.0, cut);
  }
}
