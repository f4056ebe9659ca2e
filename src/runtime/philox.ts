/** Where a generator stands: enough to go on from there in another process. */
export interface PhiloxState {
  seed: number;
  stream: number;
  offset: number;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carried = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000)) >>> 0;
}

/**
 * Philox4x32-10: a block of four random u32 for each counter and key. The shaders compute the same function, so a mask drawn on the
 * GPU can be drawn again on the CPU, bit for bit.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function philoxBlock(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = mulHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * A seeded generator on the host: counter-based, so its state is three numbers and its streams never meet.
 * Seed: an integer from 0 to 2^53 − 1. Stream: an integer from 0 to 2^32 − 1 that tells independent uses of one seed apart.
 */
export class Philox {
  #seed: number;
  #stream: number;
  #offset = 0;
  #block: [number, number, number, number] = [0, 0, 0, 0];

  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`Philox: the seed must be an integer from 0 to 2^53 - 1, not ${seed}.`);
    }
    if (!Number.isInteger(stream) || stream < 0 || stream > 0xffffffff) {
      throw new RangeError(`Philox: the stream must be an integer from 0 to 2^32 - 1, not ${stream}.`);
    }
    this.#seed = seed;
    this.#stream = stream;
  }

  /** A generator that goes on from a saved state. */
  static from(state: PhiloxState): Philox {
    const generator = new Philox(state.seed, state.stream);
    generator.#offset = state.offset;
    if (state.offset % 4 !== 0) generator.#fill();
    return generator;
  }

  state(): PhiloxState {
    return { seed: this.#seed, stream: this.#stream, offset: this.#offset };
  }

  #fill(): void {
    const index = Math.floor(this.#offset / 4);
    const counter = [index % 2 ** 32, Math.floor(index / 2 ** 32), this.#stream, 0] as const;
    this.#block = philoxBlock(counter, [this.#seed % 2 ** 32, Math.floor(this.#seed / 2 ** 32)]);
  }

  /** The next integer, uniform in [0, 2^32). */
  uint32(): number {
    const lane = this.#offset % 4;
    if (lane === 0) this.#fill();
    this.#offset++;
    return this.#block[lane];
  }

  /** The next number, uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** The next number of a standard normal distribution (Box–Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The next integer, uniform in [0, n), without modulo bias. n: an integer from 1 to 2^32. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** Puts the elements in random order, in place (Fisher–Yates), and returns the same array. */
  shuffle<A extends { length: number; [index: number]: unknown }>(array: A): A {
    for (let last = array.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const held = array[last];
      array[last] = array[other];
      array[other] = held;
    }
    return array;
  }
}
