import { readShader } from '../../../src/node.ts';

/** A mistake in one kernel, as a driver may make it. */
export interface CorruptedKernel {
  shader: string;
  /** The family whose cases find it. */
  family: string;
  mistake: string;
  edit: readonly [from: string, to: string];
}

const BARRIER = '    workgroupBarrier();\n';

export const CORRUPTED: readonly CorruptedKernel[] = [
  {
    ...{ shader: 'matmul_tiled', family: 'matmul', mistake: 'a dropped barrier' },
    edit: [`${BARRIER}    for (var k = 0u`, '    for (var k = 0u'],
  },
  {
    ...{ shader: 'matmul_subgroup', family: 'matmul', mistake: 'a wrong last lane' },
    edit: ['subgroupShuffle(slab[r], group + q)', 'subgroupShuffle(slab[r], group + min(q, span - 2u))'],
  },
  {
    ...{ shader: 'conv2d_tiled', family: 'conv2d', mistake: 'a dropped barrier' },
    edit: [`${BARRIER}    for (var k = 0u`, '    for (var k = 0u'],
  },
  {
    ...{ shader: 'conv2d_subgroup', family: 'conv2d', mistake: 'the last row of the image is left out' },
    edit: ['let inside = ih < params.h', 'let inside = ih + 1u < params.h'],
  },
  {
    ...{ shader: 'conv2d_weight_grad_tiled', family: 'conv2d', mistake: "an off-by-one at the slice's end" },
    edit: ['p < end &&', 'p + 1u < end &&'],
  },
  {
    ...{ shader: 'depthwise_conv2d_vec4', family: 'depthwise_conv2d', mistake: "an off-by-one at the tile's edge" },
    edit: ['ow0 + 1u < params.ow', 'ow0 + 2u < params.ow'],
  },
  {
    ...{ shader: 'group_norm_stats', family: 'group_norm', mistake: 'a wrong last lane' },
    edit: [
      'sum += x[first + e.pixel * row + e.channel];',
      'sum += x[first + e.pixel * row + e.channel] * select(1.0, 0.5, lane % TEAM == TEAM - 1u);',
    ],
  },
  {
    ...{ shader: 'square_sums', family: 'clip', mistake: 'a dropped barrier' },
    edit: [BARRIER, ''],
  },
  {
    ...{ shader: 'reduce_sum', family: 'broadcast', mistake: 'the last row is left out' },
    edit: ['select(0u, params.rows, i < params.count)', 'select(0u, params.rows - 1u, i < params.count)'],
  },
  {
    ...{ shader: 'batch_norm_stats', family: 'batch_norm', mistake: 'the last row of the last slice is left out' },
    edit: ['min(first + params.slice_rows, params.rows)', 'min(first + params.slice_rows, params.rows - 1u)'],
  },
  {
    ...{ shader: 'max_pool_vec4', family: 'max_pool', mistake: 'the last column of the image is left out' },
    edit: ['iw >= params.w', 'iw + 1u >= params.w'],
  },
  {
    ...{ shader: 'softmax_loss', family: 'softmax_loss', mistake: 'a wrong last lane' },
    edit: ['sum += exp(z(', 'sum += select(1.0, 0.5, lane == LANES - 1u) * exp(z('],
  },
  {
    ...{ shader: 'one_hot', family: 'softmax_loss', mistake: 'it writes behind its array' },
    edit: ['  if (i >= params.rows * params.classes) { return; }\n', ''],
  },
  {
    ...{ shader: 'adam', family: 'optimizer', mistake: 'the last vec4 is left out' },
    edit: ['i >= params.vectors', 'i + 1u >= params.vectors'],
  },
];

/** The engine's shaders with some corrupted. */
export function corruptedShaders(some: readonly CorruptedKernel[]): (name: string) => string {
  return (name) => {
    const text = readShader(name);
    const found = some.find(({ shader }) => shader === name);
    if (found === undefined) return text;
    const [from, to] = found.edit;
    if (!text.includes(from)) throw new Error(`shaders/${name}.wgsl no longer holds '${from}'.`);
    return text.replace(from, to);
  };
}
