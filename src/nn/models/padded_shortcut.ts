import { pad, slice } from '../../autograd/ops/slice.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { Module } from '../module.ts';

/**
 * A shortcut without parameters: every stride-th pixel, the channels between channels of zeros, as many before as after (one more
 * after where their number is odd). [N, H, W, from] → [N, ⌈H / stride⌉, ⌈W / stride⌉, to].
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, option A.
 */
export class PaddedShortcut extends Module {
  readonly #from: number;
  readonly #to: number;
  readonly #stride: number;

  constructor(from: number, to: number, stride: number) {
    super();
    if (to < from) throw new RangeError(`PaddedShortcut: ${from} channels cannot be padded to ${to}.`);
    this.#from = from;
    this.#to = to;
    this.#stride = stride;
  }

  forward(x: Tensor): Tensor {
    const step = this.#stride;
    const zeros = this.#to - this.#from;
    const before = Math.floor(zeros / 2);
    return pad(slice(x, [{}, { step }, { step }]), [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, zeros - before],
    ]);
  }

  protected outputShape(input: Shape): Shape {
    const [n, h, w, channels] = input;
    if (input.length !== 4 || channels !== this.#from) {
      throw new ShapeError(`PaddedShortcut: the input must be [N, H, W, ${this.#from}]; its shape is [${input}].`);
    }
    return [n, Math.ceil(h / this.#stride), Math.ceil(w / this.#stride), this.#to];
  }

  override details(): string {
    return `${this.#from} → ${this.#to}, stride ${this.#stride}`;
  }
}
