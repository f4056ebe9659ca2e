import { fourSides, type Pad2dOptions, type Padding2d, pad2d, pad2dShape } from '../../autograd/ops/pad2d.ts';
import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { Module } from '../module.ts';

/** A layer that puts a border around images: [N, H, W, C] → [N, top + H + bottom, left + W + right, C]. See `pad2d`. */
abstract class Pad2d extends Module {
  /** [left, right, top, bottom], in pixels. */
  readonly padding: readonly [number, number, number, number];
  readonly mode: NonNullable<Pad2dOptions['mode']>;
  readonly value: number;

  constructor(padding: Padding2d, { mode = 'constant', value = 0 }: Pad2dOptions) {
    super();
    this.padding = fourSides(this.constructor.name, padding);
    this.mode = mode;
    this.value = value;
  }

  forward(x: Tensor): Tensor {
    return pad2d(x, this.padding, { mode: this.mode, value: this.value });
  }

  protected outputShape(input: Shape): Shape {
    const { n, oh, ow, c } = pad2dShape(this.constructor.name, input, this.padding, this.mode);
    return [n, oh, ow, c];
  }

  override details(): string {
    const [first] = this.padding;
    const sides = this.padding.every((size) => size === first) ? `${first}` : `[${this.padding.join(', ')}]`;
    return this.value === 0 ? sides : `${sides}, value ${this.value}`;
  }
}

/** Zeros around images: [left, right, top, bottom] pixels of them, or as many on all sides. See `pad2d`. */
export class ZeroPad2d extends Pad2d {
  constructor(padding: Padding2d) {
    super(padding, {});
  }
}

/** A value around images: [left, right, top, bottom] pixels of it, or as many on all sides. See `pad2d`. */
export class ConstantPad2d extends Pad2d {
  constructor(padding: Padding2d, value: number) {
    super(padding, { value });
  }
}

/** Images in mirrors at their outermost pixels, [left, right, top, bottom] pixels of them, fewer than the image has. See `pad2d`. */
export class ReflectionPad2d extends Pad2d {
  constructor(padding: Padding2d) {
    super(padding, { mode: 'reflect' });
  }
}

/** The outermost pixels of images again, [left, right, top, bottom] times. See `pad2d`. */
export class ReplicationPad2d extends Pad2d {
  constructor(padding: Padding2d) {
    super(padding, { mode: 'replicate' });
  }
}
