import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/autograd/tensor.ts';
import * as wgrad from '../../src/node.ts';
import { useGpu } from '../gpu.ts';
import { SENTENCES } from './bad_arguments.ts';

const held = useGpu();
const t = (...shape: number[]) => wgrad.tensor(held.gpu, new Float32Array(sizeOf(shape)).fill(1), shape);
const u = (...values: number[]) => wgrad.indices(held.gpu, Uint32Array.from(values));

/** Calls of the engine that cannot be done; what each must say stands in bad_arguments.ts. */
const CALLS: Record<keyof typeof SENTENCES, () => unknown> = {
  'tensor of too few values': () => wgrad.tensor(held.gpu, new Float32Array(3), [2, 2]),
  'tensor of a negative size': () => wgrad.tensor(held.gpu, new Float32Array(2), [-2]),
  'tensor of half a size': () => wgrad.tensor(held.gpu, new Float32Array(2), [1.5]),
  'add of shapes that do not broadcast': () => wgrad.add(t(2, 3), t(2, 4)),
  'mul of shapes that do not broadcast': () => wgrad.mul(t(3), t(4)),
  'matmul of inner sizes that differ': () => wgrad.matmul(t(2, 3), t(4, 5)),
  'matmul of a vector': () => wgrad.matmul(t(3), t(3, 2)),
  'bmm of batches that differ': () => wgrad.bmm(t(2, 3, 4), t(3, 4, 5)),
  'bmm of matrices': () => wgrad.bmm(t(3, 4), t(4, 5)),
  'reshape to another count': () => wgrad.reshape(t(2, 3), [4, 2]),
  'reshape with two unknown sizes': () => wgrad.reshape(t(2, 3), [-1, -1]),
  'flatten of a dimension that is not there': () => wgrad.flatten(t(2, 3), 5),
  'transpose of a dimension that is not there': () => wgrad.transpose(t(2, 3), 0, 2),
  'permute with a dimension twice': () => wgrad.permute(t(2, 3), [0, 0]),
  'permute with too few dimensions': () => wgrad.permute(t(2, 3, 4), [0, 1]),
  'concat of nothing': () => wgrad.concat([]),
  'concat of other sizes': () => wgrad.concat([t(2, 3), t(3, 4)], 1),
  'concat over a dimension that is not there': () => wgrad.concat([t(2, 3), t(2, 3)], 4),
  'slice of too many dimensions': () => wgrad.slice(t(2), [{}, {}]),
  'slice with step 0': () => wgrad.slice(t(4), [{ step: 0 }]),
  'pad by a negative number': () => wgrad.pad(t(4), [[-1, 0]]),
  'indexSelect of a dimension that is not there': () => wgrad.indexSelect(t(2, 3), 3, u(0)),
  'sum over a dimension that is not there': () => wgrad.sum(t(2, 3), 2),
  'sum over a dimension twice': () => wgrad.sum(t(2, 3), [0, 0]),
  'max of nothing': () => wgrad.max(t(0, 3), 0),
  'argmax over a dimension that is not there': () => wgrad.argmax(t(2, 3), 7),
  'softmax of a number': () => wgrad.softmax(t()),
  'conv2d of a matrix': () => wgrad.conv2d(t(2, 3), t(3, 3, 3, 4)),
  'conv2d of other channels': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 4, 4)),
  'conv2d of a kernel larger than the image': () => wgrad.conv2d(t(1, 2, 2, 3), t(5, 5, 3, 4)),
  'conv2d with stride 0': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 3, 4), undefined, { stride: 0 }),
  'conv2d with a negative padding': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 3, 4), undefined, { padding: -1 }),
  'conv2d with dilation 0': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 3, 4), undefined, { dilation: 0 }),
  'conv2d with groups that do not divide': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 1, 4), undefined, { groups: 2 }),
  'conv2d with a bias of another size': () => wgrad.conv2d(t(1, 8, 8, 3), t(3, 3, 3, 4), t(5)),
  'convTranspose2d of other channels': () => wgrad.convTranspose2d(t(1, 2, 2, 3), t(2, 2, 4, 4)),
  'maxPool2d with kernel 0': () => wgrad.maxPool2d(t(1, 4, 4, 1), { kernelSize: 0 }),
  'maxPool2d with half a kernel': () => wgrad.maxPool2d(t(1, 4, 4, 1), { kernelSize: 1.5 }),
  'maxPool2d with more padding than half a kernel': () => wgrad.maxPool2d(t(1, 4, 4, 1), { kernelSize: 2, padding: 2 }),
  'maxPool2d of an image too small': () => wgrad.maxPool2d(t(1, 1, 1, 1), { kernelSize: 3 }),
  'avgPool2d of a matrix': () => wgrad.avgPool2d(t(4, 4), { kernelSize: 2 }),
  'adaptiveAvgPool2d to nothing': () => wgrad.adaptiveAvgPool2d(t(1, 4, 4, 1), 0),
  'interpolate without a size': () => wgrad.interpolate(t(1, 4, 4, 1), {}),
  'interpolate by a negative factor': () => wgrad.interpolate(t(1, 4, 4, 1), { scaleFactor: -1 }),
  'pad2d by reflection beyond the image': () => wgrad.pad2d(t(1, 2, 2, 1), 5, { mode: 'reflect' }),
  'groupNorm with groups that do not divide': () => wgrad.groupNorm(t(1, 2, 2, 4), 3),
  'layerNorm over other sizes': () => wgrad.layerNorm(t(2, 3), [4]),
  'dropout with a probability of 2': () => wgrad.dropout(t(4), 2, true),
  'dropout with a probability that is no number': () => wgrad.dropout(t(4), Number.NaN, true),
  'crossEntropy of other counts': () => wgrad.crossEntropy(t(3, 4), u(0, 1)),
  'crossEntropy of a vector': () => wgrad.crossEntropy(t(4), u(0)),
  'backward of a tensor that is no number': () =>
    wgrad.mul(wgrad.tensor(held.gpu, new Float32Array(2), [2], { requiresGrad: true }), 2).backward(),
  'backward of a tensor that nothing needs': () => wgrad.sum(t(2)).backward(),
  'linear of other sizes': () => wgrad.linear(t(2, 3), t(4, 5)),
  'an optimizer without parameters': () => new wgrad.SGD([], { lr: 0.1 }),
  'an optimizer with a negative rate': () =>
    new wgrad.SGD([new wgrad.Parameter(held.gpu, new Float32Array(2), [2])], { lr: -1 }),
  'Adam with a beta of 1': () =>
    new wgrad.Adam([new wgrad.Parameter(held.gpu, new Float32Array(2), [2])], { betas: [1, 0.9] }),
  'clipGradNorm by a negative norm': () =>
    wgrad.clipGradNorm([new wgrad.Parameter(held.gpu, new Float32Array(2), [2])], -1),
  'tensor of two negative sizes': () => wgrad.tensor(held.gpu, new Float32Array(6), [-2, -3]),
  'tensor of halves that come to a whole': () => wgrad.tensor(held.gpu, new Float32Array(3), [1.5, 2]),
  'a layer of a negative size': () => new wgrad.Conv2d(held.gpu, -3, 4, 3),
};

describe('calls that cannot be done', () => {
  it.each(Object.entries(CALLS))('%s', (name, call) => {
    let caught: unknown;
    try {
      held.gpu.scope(() => void call());
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(Error);
    expect(`${(caught as Error).name}: ${(caught as Error).message}`).toBe(SENTENCES[name as keyof typeof SENTENCES]);
  });
});
