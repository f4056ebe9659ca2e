import { expect, it } from 'vitest';
import { Identity, type Module, ReLU, Sequential, sum, type Tensor, tensor } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

keepsTheContract({
  shapes: [
    [() => new Identity(), [2, 5, 7, 3], [2, 5, 7, 3]],
    [() => new Identity(), [4], [4]],
  ],
  texts: [[() => new Identity(), 'Identity']],
});

const held = useGpu();

it.each<[string, () => Module[]]>([
  ['first', () => [new Identity(), new ReLU()]],
  ['last', () => [new ReLU(), new Identity()]],
  ['twice in the middle', () => [new ReLU(), new Identity(), new Identity(), new ReLU()]],
])('gives back what it is given, gradient and all, where it stands %s', async (_where, layers) => {
  const { gpu } = held;
  const x = tensor(gpu, [-1, 2, 3], [1, 3], { requiresGrad: true });
  const y = new Sequential(...layers()).call(x);
  expect([...(await y.data())]).toEqual([0, 2, 3]);
  sum(y).backward();
  expect([...(await (x.grad as Tensor).data())]).toEqual([0, 1, 1]);
  expect([...(await x.data())]).toEqual([-1, 2, 3]);
});
