import { conv2d } from '../../autograd/ops/conv2d.ts';
import type { Shape } from '../../autograd/tensor.ts';
import { Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Gpu } from '../../kernels/gpu.ts';
import { Module } from '../module.ts';

/**
 * A shortcut without parameters: every stride-th pixel, the channels between channels of zeros, as many before as after (one more
 * after where their number is odd). [N, H, W, from] → [N, ⌈H / stride⌉, ⌈W / stride⌉, to].
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, option A.
 */
export class PaddedShortcut extends Module {
  readonly #selection: Tensor;
  readonly #stride: number;

  constructor(gpu: Gpu, from: number, to: number, stride: number) {
    super();
    const before = Math.floor((to - from) / 2);
    const values = new Float32Array(from * to);
    for (let c = 0; c < from; c++) values[c * to + before + c] = 1;
    this.#selection = gpu.unscoped(() => new Tensor(gpu.upload(values, 'PaddedShortcut'), [1, 1, from, to]));
    this.#stride = stride;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.#selection, undefined, { stride: this.#stride });
  }

  protected outputShape(input: Shape): Shape {
    const [, , from, to] = this.#selection.shape;
    const [n, h, w, channels] = input;
    if (input.length !== 4 || channels !== from) {
      throw new ShapeError(`PaddedShortcut: the input must be [N, H, W, ${from}]; its shape is [${input}].`);
    }
    return [n, Math.ceil(h / this.#stride), Math.ceil(w / this.#stride), to];
  }

  override details(): string {
    const [, , from, to] = this.#selection.shape;
    return `${from} → ${to}, stride ${this.#stride}`;
  }
}
