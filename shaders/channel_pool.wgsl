// The largest value and the mean of each pixel's channels: where something is seen, whatever it is.
//
//   y[p, 0] = max over c of x[p, c],  y[p, 1] = Σ over c of x[p, c] / C
//
// Of equal values the first wins; a NaN wins, the last of several. Each invocation owns a pixel.
// Dispatch: grid of pixels invocations, 256 to a workgroup

struct Params {
  pixels: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [pixels, C]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;       // [pixels, 2]
@group(0) @binding(2) var<storage, read_write> winner: array<u32>;  // [pixels]
@group(1) @binding(0) var<uniform> params: Params;

// The comparison of bits finds NaN even where a compiler assumes there is none.
fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let pixel = id.y * groups.x * 256u + id.x;
  if (pixel >= params.pixels) { return; }
  let first = pixel * params.channels;
  var best = x[first];
  var place = 0u;
  var sum = best;
  for (var c = 1u; c < params.channels; c++) {
    let value = x[first + c];
    sum += value;
    if (is_nan(value) || (value > best && !is_nan(best))) {
      best = value;
      place = c;
    }
  }
  y[2u * pixel] = best;
  y[2u * pixel + 1u] = sum / f32(params.channels);
  winner[pixel] = place;
}
