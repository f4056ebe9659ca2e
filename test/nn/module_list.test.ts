import { describe, expect, it } from 'vitest';
import { add, Linear, Module, ModuleList, ReLU, type Shape, type Tensor } from '../../src/node.ts';
import { randomTensor, useGpu } from '../gpu.ts';

const held = useGpu();

/** A sum of heads. */
class Heads extends Module {
  readonly heads: ModuleList<Linear>;

  constructor(heads: Iterable<Linear>) {
    super();
    this.heads = new ModuleList(heads);
  }

  forward(x: Tensor): Tensor {
    const [first, ...others] = this.heads;
    return others.reduce((sum, head) => add(sum, head.call(x)), first.call(x));
  }

  protected outputShape(input: Shape): Shape {
    return this.heads.at(0).inferShape(input);
  }
}

describe('ModuleList', () => {
  it('names its modules by their places, and what is in it is the parent’s', () => {
    const { gpu } = held;
    const model = new Heads([new Linear(gpu, 4, 3), new Linear(gpu, 4, 3, { bias: false })]);
    expect(model.namedParameters().map(([name]) => name)).toEqual(['heads.0.weight', 'heads.0.bias', 'heads.1.weight']);
    model.eval();
    expect([...model.heads].map(({ training }) => training)).toEqual([false, false]);
    const y = model.call(randomTensor(gpu, [2, 4], 1));
    expect(y.shape).toEqual([2, 3]);
  });

  it('grows at its end, and is read by place and in turn', () => {
    const layers = [new ReLU(), new ReLU(), new ReLU(), new ReLU()];
    const list = new ModuleList([layers[0]]).append(layers[1]).extend([layers[2], layers[3]]);
    expect(list.length).toBe(4);
    expect([...list]).toEqual(layers);
    expect(list.at(2)).toBe(layers[2]);
    expect(list.at(-1)).toBe(layers[3]);
    expect(() => list.at(4)).toThrow('ModuleList: there is no module at 4; the list has 4.');
    expect(() => list.at(0.5)).toThrow('ModuleList: there is no module at 0.5');
  });

  it('is no function itself', () => {
    const list = new ModuleList([new ReLU()]);
    expect(() => list.call(randomTensor(held.gpu, [2], 1))).toThrow('ModuleList: a list computes nothing');
    expect(() => list.inferShape([2])).toThrow('ModuleList: a list computes nothing');
  });
});
