import { describe, expect, it } from 'vitest';
import {
  Conv2d,
  CustomCNN,
  countParameters,
  Flatten,
  formatSummary,
  type Gpu,
  Linear,
  Module,
  Parameter,
  Sequential,
  type Shape,
  summarize,
  type Tensor,
} from '../../src/node.ts';
import { useGpu } from '../gpu.ts';

const held = useGpu({ fences: false });

/** A layer used twice, and a parameter of its own. */
class Recurrent extends Module {
  readonly cell: Linear;
  readonly start: Parameter;

  constructor(gpu: Gpu) {
    super();
    this.cell = new Linear(gpu, 4, 4);
    this.start = new Parameter(gpu, new Float32Array(4), [4]);
  }

  forward(x: Tensor): Tensor {
    return this.cell.call(this.cell.call(x));
  }

  protected outputShape(input: Shape): Shape {
    return this.cell.inferShape(this.cell.inferShape(input));
  }

  override flops([n]: Shape): number {
    return n * 4;
  }
}

describe('summarize', () => {
  it('has a row for each layer, in the order of the calls', () => {
    const { gpu } = held;
    const model = new Sequential({
      body: new Sequential(new Conv2d(gpu, 3, 8, 3, { padding: 1 })),
      flatten: new Flatten(),
      head: new Linear(gpu, 128, 10),
    });
    model.getModule('body').setRequiresGrad(false);
    const { rows, totals } = summarize(model, [2, 4, 4, 3]);
    expect(rows).toEqual([
      {
        name: 'body.0',
        type: 'Conv2d',
        details: '3 → 8, 3×3, padding 1',
        outputShape: [2, 4, 4, 8],
        parameters: 224,
        flops: 2 * 16 * 27 * 8,
      },
      { name: 'flatten', type: 'Flatten', details: '', outputShape: [2, 128], parameters: 0, flops: 0 },
      { name: 'head', type: 'Linear', details: '128 → 10', outputShape: [2, 10], parameters: 1290, flops: 2560 },
    ]);
    expect(totals).toEqual({ parameters: 1514, trainableParameters: 1290, flops: 6912 + 2560 });
    expect(countParameters(model)).toEqual({ parameters: 1514, trainableParameters: 1290 });
  });

  it('counts the parameters of a layer called twice once, its arithmetic twice, and what its owner adds', () => {
    const { rows, totals } = summarize(new Recurrent(held.gpu), [1, 4]);
    expect(rows.map(({ name, parameters, flops }) => [name, parameters, flops])).toEqual([
      ['cell', 20, 32],
      ['cell', 0, 32],
      ['', 4, 4],
    ]);
    expect(totals).toEqual({ parameters: 24, trainableParameters: 24, flops: 68 });
  });

  it('leaves no hook behind, and names the layer that does not take its input', () => {
    const { gpu } = held;
    const model = new Sequential(new Linear(gpu, 4, 4), new Linear(gpu, 5, 5));
    expect(() => summarize(model, [1, 4])).toThrow('Linear: the input must be [N, 5]; its shape is [1,4].');
    const rows = summarize(model.get('0'), [1, 4]).rows;
    expect(rows.length).toBe(1);
  });

  it('runs nothing on the device', () => {
    const { gpu } = held;
    const model = new CustomCNN(gpu, { width: 1 / 16 });
    const before = { ...gpu.counters };
    summarize(model, [1, 32, 32, 3]);
    expect(gpu.counters).toEqual(before);
  });
});

describe('formatSummary', () => {
  it('is a table in plain text', () => {
    const { gpu } = held;
    const model = new Sequential({ conv: new Conv2d(gpu, 3, 1000, 3), flatten: new Flatten() });
    expect(formatSummary(summarize(model, [1, 4, 4, 3]))).toBe(
      [
        'layer    type                   output        parameters      FLOPs',
        '-------------------------------------------------------------------',
        'conv     Conv2d(3 → 1000, 3×3)  [2, 2, 1000]      28,000  216 kFLOP',
        'flatten  Flatten                [4000]',
        '-------------------------------------------------------------------',
        '28,000 parameters, 28,000 of them trainable; 216 kFLOP for one sample (multiply-add = 2)',
      ].join('\n'),
    );
  });
});
