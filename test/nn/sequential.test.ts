import { describe, expect, it, vi } from 'vitest';
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  type Gpu,
  Linear,
  noGrad,
  ReLU,
  Sequential,
  type Tensor,
} from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

describe('Sequential', () => {
  it('numbers its layers, or names them as told', () => {
    const { gpu } = held;
    const listed = new Sequential(new Conv2d(gpu, 3, 4, 1), new ReLU());
    expect(listed.namedParameters().map(([name]) => name)).toEqual(['0.weight', '0.bias']);
    const named = new Sequential({ stem: new Conv2d(gpu, 3, 4, 1), act: new ReLU() });
    expect(named.namedParameters().map(([name]) => name)).toEqual(['stem.weight', 'stem.bias']);
    expect(named.get('act')).toBeInstanceOf(ReLU);
    expect(() => named.get('pool')).toThrow("there is no layer 'pool'; the layers are: stem, act");
  });

  it('lets go of each intermediate as soon as the next layer has read it', () => {
    const { gpu } = held;
    const model = new Sequential(...Array.from({ length: 8 }, () => new ReLU()));
    const x = randomTensor(gpu, [1024, 16], 1);
    const before = gpu.memory.liveBytes;
    gpu.resetPeakBytes();
    noGrad(() => model.call(x));
    // One layer's input and output, not eight outputs.
    expect(gpu.memory.peakBytes - before).toBe(2 * x.buffer.bytes);
  });

  it('keeps what the backward pass needs', async () => {
    const { gpu } = held;
    const model = new Sequential(new Linear(gpu, 6, 5), new ReLU(), new Linear(gpu, 5, 1));
    const x = randomTensor(gpu, [4, 6], 1, { requiresGrad: true });
    const y = model.call(x);
    y.backward(randomTensor(gpu, [4, 1], 2));
    expect((await (x.grad as Tensor).data()).every(Number.isFinite)).toBe(true);
  });

  it('layers that hand on the memory of their input work, first, last and in a row', async () => {
    const { gpu } = held;
    const linear = new Linear(gpu, 12, 2);
    const model = new Sequential(new Flatten(), new Dropout(), linear, new Dropout(), new Flatten()).eval();
    const x = randomTensor(gpu, [3, 2, 2, 3], 1);
    const expected = await linear.call(new Flatten().call(x)).data();
    await gpu.scope(async () => {
      // Inside one scope with x, as in a training step.
      const inside = randomTensor(gpu, [3, 2, 2, 3], 1);
      expect(await noGrad(() => model.forward(inside)).data()).toEqual(expected);
      expect(inside.buffer.isReleased).toBe(false);
    });
    expect(await model.call(x).data()).toEqual(expected);
    expect(x.buffer.isReleased).toBe(false);
    const nothing = new Sequential(new Flatten(), new Dropout()).eval();
    expect(await nothing.call(x).data()).toEqual(await x.data());
  });

  it('an output that a hook kept outlives the next layer', async () => {
    const { gpu } = held;
    const model = new Sequential(new ReLU(), new ReLU(), new ReLU());
    const x = randomTensor(gpu, [3, 5], 1);
    const kept: Tensor[] = [];
    model.get('0').registerForwardHook((_module, _input, output) => kept.push(output.keep()));
    noGrad(() => model.call(x));
    expect(await kept[0].data()).toEqual((await x.data()).map((value) => Math.max(value, 0)));
  });

  describe('in evaluation', () => {
    /** A convolution and its batch norm, whose running statistics are not those they begin with. */
    async function trained(gpu: Gpu, activation?: 'relu' | 'silu') {
      const model = new Sequential({
        conv: new Conv2d(gpu, 8, 12, 3, { padding: 1 }),
        norm: new BatchNorm2d(gpu, 12, { activation }),
      });
      for (let i = 0; i < 3; i++) model.call(randomTensor(gpu, [4, 6, 5, 8], i));
      return model.eval();
    }
    /** Shaders that a function dispatches. */
    function shadersOf(gpu: Gpu, work: () => unknown): string[] {
      const spy = vi.spyOn(gpu, 'dispatch');
      work();
      const sent = spy.mock.calls.map(([shader]) => shader);
      spy.mockRestore();
      return sent;
    }

    it.each([undefined, 'relu'] as const)('normalises in the pass of the convolution, with %s behind it', async (f) => {
      const { gpu } = held;
      const model = await trained(gpu, f);
      const x = randomTensor(gpu, [3, 7, 5, 8], 9);
      // The tape keeps what lies between the two, so there they are two passes.
      const expected = await model.call(x).data();
      let y: Tensor | undefined;
      const sent = shadersOf(gpu, () => {
        y = noGrad(() => model.call(x));
      });
      expect(sent).toHaveLength(2);
      expect(sent[0]).toBe('batch_norm_fold');
      const got = await (y as Tensor).data();
      expect(Math.max(...expected)).toBeGreaterThan(0.5);
      for (const [i, v] of expected.entries()) expect(Math.abs(got[i] - v)).toBeLessThan(2e-6);
      if (f) expect(Math.min(...got)).toBe(0);
    });

    it('keeps the two apart where somebody looks, trains, or another activation follows', async () => {
      const { gpu } = held;
      const x = randomTensor(gpu, [3, 7, 5, 8], 9);
      const apart = (model: Sequential) => {
        const sent = shadersOf(gpu, () => noGrad(() => model.call(x)));
        expect(sent).not.toContain('batch_norm_fold');
        expect(sent.some((name) => name.startsWith('batch_norm_apply'))).toBe(true);
      };
      apart(await trained(gpu, 'silu'));
      const watched = await trained(gpu, 'relu');
      const remove = watched.get('conv').registerForwardHook(() => {});
      apart(watched);
      remove();
      expect(shadersOf(gpu, () => noGrad(() => watched.call(x)))).toContain('batch_norm_fold');
      watched.get('norm').train();
      apart(watched);
      class OwnConv extends Conv2d {}
      const own = new Sequential(new OwnConv(gpu, 8, 12, 3), new BatchNorm2d(gpu, 12)).eval();
      apart(own);
    });
  });
});
