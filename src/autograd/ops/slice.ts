import * as kernels from '../../kernels/strided.ts';
import { ShapeError } from '../../runtime/errors.ts';
import { axisOf } from '../axes.ts';
import { record } from '../record.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';

/** Every step-th index from start on, below end. */
export interface Range {
  /** Default 0. */
  start?: number;
  /** Default: the size of the dimension. */
  end?: number;
  /** Default 1. */
  step?: number;
}

/** Four numbers, the given ones last. */
function four(values: readonly number[], filler: number): kernels.Four {
  return [...Array<number>(4 - values.length).fill(filler), ...values] as unknown as kernels.Four;
}

function stridedPart(whole: Shape, part: Shape, start: readonly number[], step: readonly number[]) {
  return { whole: four(whole, 1), part: four(part, 1), start: four(start, 0), step: four(step, 1) };
}

/**
 * Part of a tensor of at most four dimensions: x[start:end:step, …], a range for each dimension from the first on; those without one stay
 * whole. dx = dy at the elements taken, 0 elsewhere.
 * `slice(x, [{}, { step: 2 }, { step: 2 }])` is every second row and column of images. Throws ShapeError for a range that is empty or leaves the tensor.
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  if (ranges.length > x.shape.length || x.shape.length > 4) {
    throw new ShapeError(
      `slice: ${ranges.length} ranges for the shape [${x.shape}]; there may be one for each of at most 4 dimensions.`,
    );
  }
  const full = x.shape.map((size, d) => ({ start: 0, end: size, step: 1, ...ranges[d] }));
  full.forEach(({ start, end, step }, d) => {
    const whole = [start, end, step].every(Number.isInteger);
    // Of an empty dimension, as that of a batch of 0, the only range is all of it.
    const empty = start >= end && x.shape[d] > 0;
    if (!whole || start < 0 || start > end || end > x.shape[d] || empty || step < 1) {
      throw new ShapeError(`slice: ${start}:${end}:${step} is no range of dimension ${d} of the shape [${x.shape}].`);
    }
  });
  const shape = full.map(({ start, end, step }) => Math.ceil((end - start) / step));
  const [starts, steps] = [full.map(({ start }) => start), full.map(({ step }) => step)];
  const part = stridedPart(x.shape, shape, starts, steps);
  return record('slice', {
    inputs: [x],
    output: kernels.stridedSlice(x.buffer, part),
    shape,
    settings: { starts, steps },
    backward: (dy) => [kernels.stridedEmbed(dy, part)],
  });
}

/**
 * Zeros around a tensor of at most four dimensions: before and after it, for each dimension from the first on; those without a pair stay as
 * they are. dx = dy inside. `pad(x, [[0, 0], [1, 1], [1, 1]])` puts a border of one pixel around images [N, H, W, C].
 * Throws ShapeError for numbers that are negative or no integers.
 */
export function pad(x: Tensor, around: readonly (readonly [number, number])[]): Tensor {
  if (around.length > x.shape.length || x.shape.length > 4) {
    throw new ShapeError(
      `pad: ${around.length} pairs for the shape [${x.shape}]; there may be one for each of at most 4 dimensions.`,
    );
  }
  if (!around.flat().every((zeros) => Number.isInteger(zeros) && zeros >= 0)) {
    throw new ShapeError(
      `pad: the numbers of zeros must be integers of at least 0; they are ${JSON.stringify(around)}.`,
    );
  }
  const pairs = x.shape.map((_, d) => around[d] ?? ([0, 0] as const));
  const shape = x.shape.map((size, d) => pairs[d][0] + size + pairs[d][1]);
  const starts = pairs.map(([before]) => before);
  const part = stridedPart(shape, x.shape, starts, Array<number>(shape.length).fill(1));
  return record('pad', {
    inputs: [x],
    output: kernels.stridedEmbed(x.buffer, part),
    shape,
    settings: { starts },
    backward: (dy) => [kernels.stridedSlice(dy, part)],
  });
}

/**
 * Tensors side by side along a dimension, by default the last (the channels of images); negative ones count from the end. Their other
 * dimensions are alike. Each gets its part of dy. Throws ShapeError where the shapes do not fit.
 */
export function concat(tensors: readonly Tensor[], axis = -1): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError('concat: at least one tensor is needed.');
  const along = axisOf('concat', first.shape, axis);
  const fits = ({ shape }: Tensor) =>
    shape.length === first.shape.length && shape.every((size, d) => d === along || size === first.shape[d]);
  if (!tensors.every(fits)) {
    const shapes = tensors.map(({ shape }) => `[${shape}]`).join(', ');
    throw new ShapeError(`concat: the shapes ${shapes} differ in more than dimension ${along}.`);
  }
  const total = tensors.reduce((sum, { shape }) => sum + shape[along], 0);
  const shape = first.shape.map((size, d) => (d === along ? total : size));
  // As matrices whose rows are the dimensions before the axis.
  const rows = sizeOf(shape.slice(0, along));
  const inner = sizeOf(shape.slice(along + 1));
  const widths = tensors.map((tensor) => tensor.shape[along] * inner);
  const places = widths.map((_, k) => widths.slice(0, k).reduce((sum, width) => sum + width, 0));
  const width = total * inner;
  const { gpu } = first;
  const y = gpu.alloc(rows * width, 'f32', 'concat');
  tensors.forEach(({ buffer }, k) => {
    kernels.copyColumns(
      { array: buffer, width: widths[k], first: 0 },
      { array: y, width, first: places[k] },
      rows,
      widths[k],
    );
  });
  return record('concat', {
    inputs: tensors,
    output: y,
    shape,
    settings: { along },
    backward: (dy, needs) =>
      widths.map((own, k) => {
        if (!needs[k]) return undefined;
        const dx = gpu.alloc(rows * own, 'f32', 'concat');
        kernels.copyColumns({ array: dy, width, first: places[k] }, { array: dx, width: own, first: 0 }, rows, own);
        return dx;
      }),
  });
}
