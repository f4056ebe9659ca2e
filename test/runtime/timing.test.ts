import { expect, it } from 'vitest';
import { fill } from '../../src/kernels/elementwise.ts';
import { median, profiled, timeCall, timeInTurns } from '../../src/runtime/timing.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

it('takes the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 2, 3])).toBe(2.5);
});

it('calls as often as asked, in turn, and frees what is returned', async () => {
  const { gpu } = held;
  const before = gpu.memory.liveBytes;
  const order: string[] = [];
  const call = (name: string) => () => {
    order.push(name);
    return fill(gpu, 1000, 1);
  };
  expect(await timeCall(gpu, call('one'), 5)).toBeGreaterThan(0);
  expect(order).toHaveLength(5);
  order.length = 0;
  const times = await timeInTurns(gpu, [call('a'), call('b')], 3);
  expect(times.map((samples) => samples.length)).toEqual([3, 3]);
  expect(Math.min(...times.flat())).toBeGreaterThan(0);
  // One call of each to see how long it takes, then a, b, a, b, a, b, each repeated.
  const turns = order.filter((name, i) => name !== order[i - 1]);
  expect(turns).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
  expect(gpu.memory.liveBytes).toBe(before);
});

it('tells what a call dispatches', async () => {
  const { kernels } = await profiled(held.gpu, () => fill(held.gpu, 8, 1));
  // Tests poison new memory first.
  expect(new Set(kernels.map(({ kernel }) => kernel))).toEqual(new Set(['poison', 'fill']));
  expect(held.gpu.profiler).toBeUndefined();
});
