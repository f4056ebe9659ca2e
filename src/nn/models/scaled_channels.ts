/**
 * A channel count at another width: a multiple of 4, which the fast kernels want, and at least 4.
 * Throws RangeError, naming the network, for a width that is none.
 */
export function scaledChannels(network: string, channels: number, width: number): number {
  if (!(width > 0 && Number.isFinite(width))) throw new RangeError(`${network}: width must be above 0, not ${width}.`);
  return Math.max(4, Math.round((channels * width) / 4) * 4);
}
