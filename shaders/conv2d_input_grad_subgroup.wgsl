// Gradient of a 2-D convolution with respect to its input, subgroup rung: an implicit matrix product of pixels × taps with taps × input
// channels.
//
//   dX[n, ih, iw, ci] = Σ over kh, kw, co of  dY[n, oh, ow, co] · W[kh, kw, ci, co]
//     where oh·stride = ih + pad − kh and ow·stride = iw + pad − kw, and 0 ≤ oh < OH, 0 ≤ ow < OW
//
// Input pixels whose ih + pad leave the same remainder by the stride, and likewise in width, meet the same taps: they are a phase, and
// each phase (stride_h · stride_w of them, along z) is a convolution of its own in which every tap counts.
// A group of `span` lanes, a whole subgroup or an equal part of it, owns 16 input pixels of a phase × 4·span input channels; a slab of
// dY (16 pixels × 4·span output channels) is loaded once for each tap and handed round by subgroupShuffle, as in `conv2d_subgroup.wgsl`.
// A lane loads its part of the weights as squares of four input by four output channels, and turns each in registers.
//
// Rung subgroup: Registers and shuffles as in `conv2d_subgroup.wgsl`, and no zeros multiplied: with a stride, input pixels are sorted into phases
// that meet the same taps, and each phase is a convolution of its own in which every tap counts. At stride 2 that is a quarter of the work that
// the tile does. At stride 1 there is one phase, and `conv2d_subgroup.wgsl` itself is taken, with the taps in reversed order.
//
// Needs: CI and CO multiples of 4. Any subgroup size.
// Dispatch: [ceil(CI / (4·span)), ceil(N·ceil(H / stride_h)·ceil(W / stride_w) / (16 · WORKGROUP / span)), stride_h·stride_w]

enable subgroups;

alias E = f32;  // as which dy, weight and dx are stored: f16 in half precision

struct Params {
  n: u32,
  h: u32,
  w: u32,
  ci: u32,
  oh: u32,
  ow: u32,
  co: u32,
  kh: u32,
  kw: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  span: u32,  // lanes side by side in a row of the block: a power of two
}

override WORKGROUP: u32 = 32;
const ROWS = 16u;

@group(0) @binding(0) var<storage, read> dy: array<vec4<E>>;        // [N, OH, OW, CO/4]
@group(0) @binding(1) var<storage, read> weight: array<vec4<E>>;    // [KH, KW, CI, CO/4]
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<E>>;  // [N, H, W, CI/4]
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  // A narrow block stands several times in the subgroup, side by side: the lanes' groups own different rows.
  let span = min(params.span, lanes);
  let group = lane / span * span;  // first lane of the group
  let place = lane % span;
  let row0 = (workgroup.y * (WORKGROUP / span) + invocation / span) * ROWS;
  let column = workgroup.x * span + place;  // in vec4s
  let columns = params.ci / 4u;
  let depth = params.co / 4u;

  // The phase: its first pixel, its size, and its first tap.
  let phase_h = workgroup.z / params.stride_w;
  let phase_w = workgroup.z % params.stride_w;
  let height = (params.h + params.stride_h - 1u - phase_h) / params.stride_h;
  let width = (params.w + params.stride_w - 1u - phase_w) / params.stride_w;
  let pixels = params.n * height * width;
  let first_kh = (phase_h + params.pad_h) % params.stride_h;
  let first_kw = (phase_w + params.pad_w) % params.stride_w;

  // Of each pixel: where it lies in dX, and the output pixel that meets it by the phase's first tap. Each further tap meets the one before.
  var destination: array<u32, ROWS>;
  var image: array<u32, ROWS>;
  var bottom: array<u32, ROWS>;
  var right: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    let p = min(row0 + r, max(pixels, 1u) - 1u);
    let ih = p / max(width, 1u) % max(height, 1u) * params.stride_h + phase_h;
    let iw = p % max(width, 1u) * params.stride_w + phase_w;
    let n = p / max(width * height, 1u);
    destination[r] = ((n * params.h + ih) * params.w + iw) * columns;
    image[r] = n * params.oh;
    bottom[r] = (ih + params.pad_h) / params.stride_h;
    right[r] = (iw + params.pad_w) / params.stride_w;
  }

  var sum: array<vec4f, ROWS>;
  for (var back_h = 0u; back_h * params.stride_h + first_kh < params.kh; back_h++) {
    for (var back_w = 0u; back_w * params.stride_w + first_kw < params.kw; back_w++) {
      let tap = ((back_h * params.stride_h + first_kh) * params.kw + back_w * params.stride_w + first_kw) * params.ci;
      // Unsigned: below zero wraps round to a large number and fails the test against OH or OW.
      var source: array<u32, ROWS>;
      var inside: array<bool, ROWS>;
      for (var r = 0u; r < ROWS; r++) {
        let oh = bottom[r] - back_h;
        let ow = right[r] - back_w;
        inside[r] = oh < params.oh && ow < params.ow;
        source[r] = select(0u, ((image[r] + oh) * params.ow + ow) * depth, inside[r]);
      }
      for (var c0 = 0u; c0 < depth; c0 += span) {
        // Every lane takes part in the shuffles below, so loads are clamped and zeroed rather than skipped.
        let c = min(c0 + place, depth - 1u);
        var slab: array<vec4f, ROWS>;
        for (var r = 0u; r < ROWS; r++) {
          slab[r] = select(vec4f(0.0), vec4f(dy[source[r] + c]), inside[r]);
        }
        for (var q = 0u; q < min(span, depth - c0); q++) {
          let first = (tap + min(column, columns - 1u) * 4u) * depth + c0 + q;
          let w = transpose(mat4x4f(vec4f(weight[first]), vec4f(weight[first + depth]), vec4f(weight[first + 2u * depth]), vec4f(weight[first + 3u * depth])));
          for (var r = 0u; r < ROWS; r++) {
            let v = subgroupShuffle(slab[r], group + q);
            sum[r] = fma(vec4f(v.x), w[0], fma(vec4f(v.y), w[1], fma(vec4f(v.z), w[2], fma(vec4f(v.w), w[3], sum[r]))));
          }
        }
      }
    }
  }

  if (column < columns) {
    for (var r = 0u; r < ROWS && row0 + r < pixels; r++) {
      dx[destination[r] + column] = vec4<E>(sum[r]);
    }
  }
}
