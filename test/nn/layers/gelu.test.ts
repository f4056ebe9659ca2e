import { expect, it } from 'vitest';
import { GELU, gelu } from '../../../src/node.ts';
import { randomTensor, useGpu } from '../../gpu.ts';
import { keepsTheContract } from './layer_contract.ts';

const held = useGpu();

keepsTheContract({
  shapes: [
    [() => new GELU(), [3, 7], [3, 7]],
    [() => new GELU({ approximate: 'tanh' }), [3, 7], [3, 7]],
  ],
});

it('takes the form that it was made for', async () => {
  const x = randomTensor(held.gpu, [3, 7], 1, { low: -3, high: 3 });
  const [exact, approximate] = [await gelu(x).data(), await gelu(x, { approximate: 'tanh' }).data()];
  expect(exact).not.toEqual(approximate);
  expect(await new GELU().forward(x).data()).toEqual(exact);
  expect(await new GELU({ approximate: 'tanh' }).forward(x).data()).toEqual(approximate);
});
