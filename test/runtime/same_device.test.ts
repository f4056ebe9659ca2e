import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { add, copy, fill } from '../../src/kernels/elementwise.ts';
import { Linear } from '../../src/nn/layers/linear.ts';
import { Adam } from '../../src/nn/optimizers/adam.ts';
import { type Gpu, matmul, openDevice, sum, tensor } from '../../src/node.ts';
import type { DeviceArray } from '../../src/runtime/gpu.ts';
import { useGpu } from '../gpu.ts';

type F32 = DeviceArray<'f32'>;

const held = useGpu();
let other: Gpu;
beforeAll(async () => {
  other = await openDevice();
});
afterAll(() => other.close());

/** What can be asked of a device with an array of another one. */
const USES: Readonly<Record<string, (gpu: Gpu, strange: DeviceArray, own: DeviceArray) => unknown>> = {
  'a copy from it': (gpu, strange, own) => gpu.copyRange(strange, 0, own, 0, 4),
  'a copy into it': (gpu, strange, own) => gpu.copyRange(own, 0, strange, 0, 4),
  'moving it': (gpu, strange, own) => gpu.move(strange, own),
  'moving into it': (gpu, strange, own) => gpu.move(own, strange),
  'writing it': (gpu, strange) => gpu.write(strange, new Float32Array(4)),
  'reading it': (gpu, strange) => gpu.read(strange),
  'a part of it': (gpu, strange) => gpu.part(strange, 0, 4, 'part'),
  'keeping it': (gpu, strange) => gpu.keep(strange),
  'dropping it': (gpu, strange) => gpu.drop(strange),
  'watching it': (gpu, strange) => gpu.watch(strange),
  'a kernel on both': (_, strange, own) => add(own as F32, strange as F32),
  'a kernel on both, the other way': (_, strange, own) => add(strange as F32, own as F32),
};

describe('an array of another device', () => {
  it.each(Object.keys(USES))('%s is refused at once, and both devices live', async (name) => {
    const { gpu } = held;
    const own = fill(gpu, 4, 1);
    const strange = fill(other, 4, 2);
    await expect((async () => USES[name](gpu, strange, own))()).rejects.toThrow(/^[\w-]+: .* lies on another device/);
    expect([...(await copy(own).read())]).toEqual([1, 1, 1, 1]);
    expect([...(await copy(strange).read())]).toEqual([2, 2, 2, 2]);
  });

  it('is refused by operations, layers and the states of models and optimizers, by name', async () => {
    const { gpu } = held;
    const [own, strange] = [gpu, other].map((device) => tensor(device, new Float32Array(4).fill(3), [2, 2]));
    expect(() => matmul(own, strange)).toThrow(/matmul.*lies on another device/);
    const [layer, foreign] = [gpu, other].map((device) => new Linear(device, 2, 2));
    expect(() => layer.call(strange)).toThrow('lies on another device');
    expect(() => layer.loadStateDict(foreign.stateDict())).toThrow(/loadStateDict: 'weight'.*lies on another device/);
    const [adam, strangeAdam] = [layer, foreign].map((model) => new Adam(model.parameters(), { lr: 0.1 }));
    for (const [model, optimizer] of [
      [layer, adam],
      [foreign, strangeAdam],
    ] as const) {
      sum(model.call(model === layer ? own : strange)).backward();
      optimizer.step();
    }
    expect(() => adam.loadStateDict(strangeAdam.stateDict())).toThrow('lies on another device');
    expect(() => new Adam([...layer.parameters(), ...foreign.parameters()], { lr: 0.1 }).step()).toThrow('device');
    expect([...(await own.data())]).toEqual([3, 3, 3, 3]);
    expect([...(await strange.data())]).toEqual([3, 3, 3, 3]);
  });
});
