/**
 * Streams of the seeded generator that the data code draws from. The upper 16 bits tell the use, the lower 16 the class or the epoch, so
 * that two uses of one seed never see the same numbers.
 */
export const LONG_TAIL_STREAM = 0x4c540000;
export const EPOCH_ORDER_STREAM = 0x454f0000;

/** How many streams each use has. */
export const STREAMS_PER_USE = 0x10000;
