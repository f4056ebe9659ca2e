import type { Tensor } from '../../autograd/tensor.ts';
import { reduceSum, sumProducts } from '../../kernels/broadcast.ts';
import type { Readings } from './readings.ts';

/** Where the sums of a tensor's channels, its last dimension, will be among the readings. */
export interface ChannelSums {
  rows: number;
  channels: number;
  /** Σ x of each channel; undefined where only the squares were asked for. */
  sums?: number;
  /** Σ x² of each channel. */
  squares: number;
}

/** What the sums say. */
export interface ChannelNumbers {
  mean: number;
  deviation: number;
  /** Root of the sum of all squares. */
  norm: number;
  deadChannels: number;
  means: number[];
  deviations: number[];
}

/** Adds up a tensor and its squares, channel by channel, on the device. */
export function channelSums({ buffer, shape, gpu }: Tensor, readings: Readings, squaresOnly = false): ChannelSums {
  const channels = shape.at(-1) ?? 1;
  const rows = buffer.length / Math.max(1, channels);
  const extent = { outer: 1, repeat: rows, inner: channels };
  return gpu.scope(() => ({
    rows,
    channels,
    sums: squaresOnly ? undefined : readings.add(reduceSum(buffer, extent)),
    squares: readings.add(sumProducts(buffer, buffer, extent)),
  }));
}

/** The numbers of such sums, once they are read. */
export function channelNumbers({ rows, channels, sums, squares }: ChannelSums, values: Float32Array): ChannelNumbers {
  const total = values.subarray(squares, squares + channels);
  const first = sums === undefined ? new Float32Array(channels) : values.subarray(sums, sums + channels);
  const means = Array.from(first, (sum) => sum / rows);
  const deviations = means.map((mean, c) => Math.sqrt(Math.max(0, total[c] / rows - mean ** 2)));
  const mean = means.reduce((sum, one) => sum + one, 0) / channels;
  const square = total.reduce((sum, one) => sum + one, 0);
  return {
    mean,
    deviation: Math.sqrt(Math.max(0, square / (rows * channels) - mean ** 2)),
    norm: Math.sqrt(square),
    deadChannels: total.reduce((dead, one) => dead + Number(one === 0), 0) / channels,
    means,
    deviations,
  };
}
