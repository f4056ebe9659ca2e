import fc from 'fast-check';

/** Mutations of each property. `npm test` does few, `npm run test:fuzz` many. */
export const RUNS = Number(process.env.WGRAD_FUZZ_RUNS ?? 300);
export const SEED = Number(process.env.WGRAD_FUZZ_SEED ?? 17);

/** Seconds that reading one small file may take, however it is damaged. Generous: two cores are shared with other tests. */
const MOST_SECONDS = 5;
/** Bytes by which the resident memory of the process may grow while the many files of a property are read. */
const MOST_GROWTH = 600 * 2 ** 20;

/** Bytes that hurt where a length, a count or an offset is meant. */
const ODD_NUMBERS: readonly (readonly number[])[] = [
  [0],
  [255],
  [0, 0, 0, 0],
  [255, 255],
  [255, 255, 255, 255],
  [255, 255, 255, 127],
  [0, 0, 0, 128],
  [127, 255, 255, 255],
  [255, 255, 255, 255, 255, 255, 255, 255],
  [0, 0, 0, 0, 0, 0, 32, 0],
  [0, 0, 0, 0, 1, 0, 0, 0],
];

/** The same as text. */
export const ODD_TEXTS = [
  '-1',
  '0',
  '0.5',
  '1e308',
  '1e999',
  '99999999999',
  '9007199254740993',
  'null',
  '""',
  '[]',
  '{}',
  'NaN',
  'true',
  '\0',
  '\n',
  '"',
];

/** Where in a file, as a share: its ends hold headers and directories. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 0.05, noNaN: true }),
  fc.double({ min: 0.95, max: 1, noNaN: true }),
);

type Mutation = (file: Buffer) => Buffer;

const at = (file: Buffer, share: number) => Math.min(file.length, Math.floor(share * file.length));
const between = (file: Buffer, a: number, length: number): [number, number] => {
  const begin = at(file, a);
  return [begin, Math.min(file.length, begin + length)];
};
const splice = (file: Buffer, begin: number, end: number, put: Uint8Array) =>
  Buffer.concat([file.subarray(0, begin), put, file.subarray(end)]);

const length = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4096 }));

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Mutation =>
      (file) => {
        const changed = Buffer.from(file);
        if (changed.length > 0) changed[Math.min(changed.length - 1, at(file, where))] ^= 1 << bit;
        return changed;
      },
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
    ([where, bytes]): Mutation =>
      (file) => {
        const [begin, end] = between(file, where, bytes.length);
        return splice(file, begin, end, bytes);
      },
  ),
  fc.tuple(place, fc.constantFrom(...ODD_NUMBERS)).map(
    ([where, bytes]): Mutation =>
      (file) => {
        const [begin, end] = between(file, where, bytes.length);
        return splice(file, begin, end, Uint8Array.from(bytes));
      },
  ),
  // A number written as text becomes another.
  fc.tuple(place, fc.constantFrom(...ODD_TEXTS)).map(
    ([where, text]): Mutation =>
      (file) => {
        const found = /-?\d+(\.\d+)?/.exec(file.toString('latin1', at(file, where), at(file, where) + 4096));
        if (!found) return file;
        const begin = at(file, where) + found.index;
        return splice(file, begin, begin + found[0].length, Buffer.from(text));
      },
  ),
  // Cut off.
  place.map(
    (where): Mutation =>
      (file) =>
        file.subarray(0, at(file, where)),
  ),
  // A range taken out, twice in it, in the place of another.
  fc.tuple(place, length).map(
    ([where, bytes]): Mutation =>
      (file) => {
        const [begin, end] = between(file, where, bytes);
        return splice(file, begin, end, new Uint8Array());
      },
  ),
  fc.tuple(place, length).map(
    ([where, bytes]): Mutation =>
      (file) => {
        const [begin, end] = between(file, where, bytes);
        return splice(file, end, end, file.subarray(begin, end));
      },
  ),
  fc.tuple(place, place, length).map(
    ([from, to, bytes]): Mutation =>
      (file) => {
        const [a, b] = [between(file, Math.min(from, to), bytes), between(file, Math.max(from, to), bytes)];
        if (a[1] > b[0]) return file;
        return Buffer.concat([
          ...[file.subarray(0, a[0]), file.subarray(...b), file.subarray(a[1], b[0]), file.subarray(...a)],
          file.subarray(b[1]),
        ]);
      },
  ),
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map(
    (bytes): Mutation =>
      (file) =>
        Buffer.concat([file, bytes]),
  ),
);

export interface Reader<R> {
  /** Valid files, by what they are. */
  files: Readonly<Record<string, Uint8Array>>;
  read: (file: Uint8Array) => R | Promise<R>;
  /** What of its errors is one of the reader's own: a sentence, not a crash. */
  isRefusal: (error: Error) => boolean;
  /** Throws where a result is not right; original: the file before it was changed. */
  check?: (result: R, file: Uint8Array, original: Uint8Array) => void | Promise<void>;
  /** Share of RUNS, of readers that are slow. */
  share?: number;
}

/**
 * Reads mutated files: each gives a result that `check` takes, or an error of the reader's own, one sentence on one line, within a time; the process
 * does not grow beyond a bound. The same seed gives the same files.
 */
export async function expectRobust<R>({ files, read, isRefusal, check, share = 1 }: Reader<R>): Promise<void> {
  const names = Object.keys(files);
  const before = process.memoryUsage().rss;
  let refused = 0;
  const property = fc.asyncProperty(
    fc.constantFrom(...names),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
    async (name, mutations) => {
      const original = files[name];
      const file = mutations.reduce<Buffer>((changed, mutate) => mutate(changed), Buffer.from(original));
      const started = performance.now();
      try {
        const result = await read(file);
        await check?.(result, file, original);
      } catch (error) {
        if (!(error instanceof Error) || !isRefusal(error)) throw error;
        if (!/^[^\n]{1,2000}$/.test(error.message)) throw new Error(`No sentence on one line: ${error.message}`);
        refused++;
      }
      const seconds = (performance.now() - started) / 1000;
      if (seconds > MOST_SECONDS) throw new Error(`Reading took ${seconds} s.`);
    },
  );
  const numRuns = Math.max(20, Math.round(RUNS * share));
  await fc.assert(property, { numRuns, seed: SEED, endOnFailure: process.env.WGRAD_FUZZ_RUNS !== undefined });
  if (process.env.WGRAD_FUZZ_RUNS) console.log(`${names}: ${numRuns} mutated files, ${refused} refused, the rest read`);
  const grown = process.memoryUsage().rss - before;
  if (grown > MOST_GROWTH) throw new Error(`The process grew by ${Math.round(grown / 2 ** 20)} MB.`);
  // Mutations that a reader never notices would say nothing about it.
  if (refused === 0) throw new Error(`Of ${numRuns} mutated files none was refused.`);
}
