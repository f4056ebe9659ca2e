/** What a part of a data set is for. */
export type SplitName = 'train' | 'validation' | 'test';

/** Where decoded images go. */
export interface DecodedSink {
  /** bytes: [size, size, 3]. */
  write(index: number, bytes: Uint8Array): Promise<void>;
  /** reason: a clause, without a full stop. */
  fail(index: number, reason: string): void;
  /** Aborted: decoding stops and throws its reason. */
  signal?: AbortSignal;
}

/** The images of a data set of one's own before they are decoded. */
export interface ImageListing {
  /** In the order of their names. */
  classNames: string[];
  /** [N], each from 0 to classes − 1. */
  labels: Uint32Array;
  /** [N]; undefined where nothing is said. */
  splits: (SplitName | undefined)[];
  /** What an image is called in messages. */
  nameOf(index: number): string;
  /** Tells the images by their names, sizes and times: another text where one of them has changed. */
  fingerprint: string;
  /** Sentences on what was passed over. */
  notes: string[];
  /** Decodes every image once, in any order, to `size` × `size` pixels. background: see `decodeImage`. */
  decode(size: number, sink: DecodedSink, background?: string): Promise<void>;
}

/** The names a split goes by, in folders and tables. */
export function splitOf(name: string): SplitName | undefined {
  switch (name.toLowerCase()) {
    case 'train':
    case 'training':
      return 'train';
    case 'val':
    case 'valid':
    case 'validation':
      return 'validation';
    case 'test':
    case 'testing':
      return 'test';
    default:
      return undefined;
  }
}

/** Names without repeats, ordered by their characters' codes, as other programs order folders of classes. */
export function classesOf(names: Iterable<string>): string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}
