import { expect, it } from 'vitest';
import { gradcheck, indexSelect, indices, type Shape, scale, Tensor } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';

const held = useGpu();

it.each<{ shape: Shape; axis: number; index: number[]; to: Shape }>([
  { shape: [4, 3], axis: 0, index: [2, 0, 2, 2, 3], to: [5, 3] },
  { shape: [2, 3, 5], axis: 1, index: [1, 1], to: [2, 2, 5] },
  { shape: [2, 3, 5], axis: -1, index: [4, 0, 3, 3, 1, 2], to: [2, 3, 6] },
  { shape: [1, 4], axis: 0, index: [0], to: [1, 4] },
  { shape: [7], axis: 0, index: [6, 6], to: [2] },
])('picks $index along $axis of $shape: values and gradient in mid-graph', async ({ shape, axis, index, to }) => {
  const { gpu } = held;
  const x = randomTensor(gpu, shape, 1, { requiresGrad: true });
  const places = indices(gpu, index);
  const y = indexSelect(x, axis, places);
  expect(y.shape).toEqual(to);
  const values = await x.data();
  const d = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(d + 1).reduce((product, size) => product * size, 1);
  const expected = Array.from({ length: y.size }, (_, i) => {
    const [row, outer] = [index[Math.floor(i / inner) % index.length], Math.floor(i / (inner * index.length))];
    return values[(outer * shape[d] + row) * inner + (i % inner)];
  });
  expect([...(await y.data())]).toEqual(expected);
  const options = { step: 0.5, absolute: 2e-5, relative: 2e-5 };
  await gradcheck((t) => scale(indexSelect(scale(t, 2), axis, places), 3), [x], options);
});

it('refuses an index that the host knows, and answers one that it does not with NaN', async () => {
  const { gpu } = held;
  const x = randomTensor(gpu, [4, 1], 1);
  expect(() => indexSelect(x, 0, indices(gpu, [1, 4]))).toThrow(
    new RangeError('indexSelect: index 1 is 4; dimension 0 of the shape [4,1] has 4, counted from 0.'),
  );
  const unknown = new Tensor(gpu.upload(Uint32Array.of(1, 4), 'indices'), [2]);
  expect(Array.from(await indexSelect(x, 0, unknown).data(), Number.isNaN)).toEqual([false, true]);
  expect(() => indexSelect(x, 2, indices(gpu, [1]))).toThrow(
    'indexSelect: there is no dimension 2 in the shape [4,1].',
  );
});
