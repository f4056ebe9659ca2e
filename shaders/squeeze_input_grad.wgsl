// Gradient of squeeze and excitation with respect to its input: through the product, and through the means that the factors are made of.
//
//   dx[n, p, c] = dy[n, p, c] · factor[n, c] + dmeans[n, c] / pixels
//
// An invocation owns a run of pixels of one column, so that it reads what belongs to the channel once.
// T is f32, or vec4f where C is a multiple of 4: four neighbouring channels at once, and a fourth of C counted below.
// Dispatch: grid of images·ceil(pixels / run)·C invocations, 256 to a workgroup

alias T = f32;

struct Params {
  count: u32,    // images · runs · C
  pixels: u32,   // of an image
  columns: u32,  // C
  run: u32,
  runs: u32,     // ceil(pixels / run)
}

@group(0) @binding(0) var<storage, read> dy: array<T>;        // [images, pixels, C]
@group(0) @binding(1) var<storage, read> factor: array<T>;    // [images, C]
@group(0) @binding(2) var<storage, read> dmeans: array<T>;    // [images, C]
@group(0) @binding(3) var<storage, read_write> dx: array<T>;  // [images, pixels, C]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256u + id.x;
  if (i >= params.count) { return; }
  let column = i % params.columns;
  let first = i / params.columns % params.runs * params.run;
  let n = i / (params.columns * params.runs);
  let own = factor[n * params.columns + column];
  let share = dmeans[n * params.columns + column] / f32(params.pixels);
  for (var p = first; p < min(first + params.run, params.pixels); p++) {
    let at = (n * params.pixels + p) * params.columns + column;
    dx[at] = dy[at] * own + share;
  }
}
