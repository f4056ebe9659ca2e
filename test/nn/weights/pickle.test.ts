import { describe, expect, it } from 'vitest';
import { PickleGlobal, PickleTuple, readPickle } from '../../../src/nn/weights/pickle.ts';
import { op, pickle } from './make_pickle.ts';
import { refusal } from './refusal.ts';

const surroundings = {
  globals: new Map(
    [new PickleGlobal('math.add', ([a, b]) => Number(a) + Number(b)), new PickleGlobal('torch.FloatStorage')].map(
      (known) => [known.name, known],
    ),
  ),
  persistentLoad: (id: unknown) => ({ loaded: id }),
};

/** The value of a pickle that is all of the bytes. */
function read(bytes: Uint8Array): unknown {
  const { value, end } = readPickle(bytes, 0, surroundings);
  expect(end).toBe(bytes.length);
  return value;
}

const PYTHON_VALUES = [
  'gAN9cQAoWAEAAABhcQFdcQIoSwFK/v///0pwEQEAigYAAAAAAAGKCQAAAAAAAAAAQEc/+AAAAAAAAGVYAQAAAGJxA06IiYdxBFgBAAAAY3EFfXEGWAgAAABncsO2w59lcnEHKXNYAQAAAGRxCEMCeHlxCXUu',
  'gAWVWgAAAAAAAAB9lCiMAWGUXZQoSwFK/v///0pwEQEAigYAAAAAAAGKCQAAAAAAAAAAQEc/+AAAAAAAAGWMAWKUToiJh5SMAWOUfZSMCGdyw7bDn2VylClzjAFklEMCeHmUdS4=',
];

/** From base64, as Python's pickle.dumps gave it. */
const python = (text: string) => read(new Uint8Array(Buffer.from(text, 'base64')));

describe('readPickle', () => {
  it('reads what Python wrote, in each of its binary protocols', () => {
    // {'a': [1, -2, 70000, 2**40, 2**70, 1.5], 'b': (None, True, False), 'c': {'größer': ()}, 'd': b'xy'}; protocols 3 and 5.
    const expected = new Map<string, unknown>([
      ['a', [1, -2, 70000, 2 ** 40, 2n ** 70n, 1.5]],
      ['b', new PickleTuple([null, true, false])],
      ['c', new Map([['größer', new PickleTuple([])]])],
      ['d', Uint8Array.of(120, 121)],
    ]);
    for (const text of PYTHON_VALUES) expect(python(text)).toEqual(expected);
  });

  it('says where a pickle ends, and begins where it is told', () => {
    const two = Buffer.concat([pickle(op.int(1)), pickle(op.int(2)), Buffer.from('rest')]);
    const { value, end } = readPickle(two, 0, surroundings);
    expect([value, end]).toEqual([1, 8]);
    expect(readPickle(two, end, surroundings)).toEqual({ value: 2, end: 16 });
  });

  it('keeps what was put into the memo, the same object', () => {
    const value = read(pickle(op.emptyList, op.put(3), op.get(3), op.tuple2)) as PickleTuple;
    expect(value.items[0]).toBe(value.items[1]);
    // A list inside itself.
    const list = read(pickle(op.emptyList, op.put(0), op.get(0), op.append)) as unknown[];
    expect(list[0]).toBe(list);
  });

  it('reads whole numbers of any length', () => {
    expect(read(pickle(op.long(0n, 0)))).toBe(0);
    expect(read(pickle(op.long(-1n, 1)))).toBe(-1);
    expect(read(pickle(op.long(2n ** 53n - 1n, 7)))).toBe(2 ** 53 - 1);
    expect(read(pickle(op.long(-(2n ** 62n), 8)))).toBe(-(2n ** 62n));
  });

  it('calls what it may call, and hands persistent ids on', () => {
    expect(read(pickle(op.global('math', 'add'), op.int(2), op.int(3), op.tuple2, op.reduce))).toBe(5);
    expect(read(pickle(op.text('math'), op.text('add'), op.stackGlobal, op.emptyTuple, op.reduce))).toBeNaN();
    expect(read(pickle(op.text('key'), op.persistentId))).toEqual({ loaded: 'key' });
  });

  it.each<[string, number[][], string]>([
    ['a function that is not on the list', [op.global('os', 'system')], "'os.system'"],
    ['one without calling it', [op.global('os', 'system'), op.put(0)], "'os.system'"],
    ['one named from the stack', [op.text('builtins'), op.text('eval'), op.stackGlobal], "'builtins.eval'"],
    [
      'a dotted name that leads elsewhere',
      [op.text('math'), op.text('add.__globals__'), op.stackGlobal],
      "'math.add.__globals__'",
    ],
    ['one called by INST', [op.mark, op.text('true'), op.instance('os', 'system')], "'os.system'"],
    [
      'a call of what may only be named',
      [op.global('torch', 'FloatStorage'), op.emptyTuple, op.reduce],
      "'torch.FloatStorage'",
    ],
    ['a name with a line break', [op.text('os'), op.text('sys\ntem'), op.stackGlobal], "'os.sys\\ntem'"],
    ['a name without end', [op.text('os'), op.text('x'.repeat(1e5)), op.stackGlobal], 'xxx…'],
  ])('refuses %s, naming it', (_name, parts, name) => {
    const message = refusal(() => read(pickle(...parts)));
    expect(message).toContain(`The pickle would call '`);
    expect(message).toContain(name);
    expect(message).toContain('which reading weights never does');
  });

  it.each<[string, number[][], string]>([
    ['an extension code', [op.extension], 'the opcode EXT1'],
    ['NEWOBJ', [op.global('math', 'add'), op.emptyTuple, op.newObject], 'the opcode NEWOBJ'],
    ['INST of what may be named', [op.mark, op.instance('math', 'add')], 'the opcode INST'],
    ['an opcode that there is not', [[0xff]], 'the opcode 0xff'],
    ['an out-of-band buffer', [[0x97]], 'the opcode NEXT_BUFFER'],
    ['a newer protocol', [[0x80, 6]], 'of protocol 6; up to 5'],
    ['an empty stack', [], 'takes more from its stack than is there'],
    ['a stack with too little', [op.int(1), op.tuple2], 'takes more from its stack than is there'],
    ['taking what lies before a mark', [op.int(1), op.mark, op.tuple1], 'takes more from its stack than is there'],
    ['remembering nothing', [op.put(0)], 'takes more from its stack than is there'],
    ['no mark', [op.int(1), op.tuple], 'closes a mark that was not set'],
    ['a memo entry that is not there', [op.int(1), op.put(0), op.get(1)], 'refers to entry 1 of its memo'],
    ['an entry far beyond', [[0x6a, 255, 255, 255, 255]], 'refers to entry 4294967295 of its memo'],
    ['appending to a tuple', [op.emptyTuple, op.int(1), op.append], 'appends to something that is not a list'],
    ['an item of a list', [op.emptyList, op.int(1), op.int(1), op.setItem], 'sets an item of something that is not'],
    ['an item without value', [op.emptyDict, op.mark, op.int(1), op.setItems], 'sets an item without a value'],
    ['calling a text', [op.text('os.system'), op.emptyTuple, op.reduce], 'calls something that is not a function'],
    [
      'arguments that are no tuple',
      [op.global('math', 'add'), op.emptyList, op.reduce],
      'something that is not a tuple',
    ],
    ['a name that is no text', [op.int(1), op.text('x'), op.stackGlobal], 'names something by what is no text'],
    ['attributes of a list', [op.emptyList, op.emptyDict, op.build], 'sets attributes of something other than a dict'],
    ['a text beyond the end', [[0x58, 255, 255, 255, 255]], '4294967295 more bytes are needed'],
    ['a text that is none', [[0x8c, 1, 0xff]], 'a text that is not UTF-8'],
    ['a name that does not end', [[0x63, 0x6f]], 'the name at byte 3 has no end'],
    ['a frame that is cut off', [[0x95, 1]], '8 more bytes are needed'],
  ])('refuses %s', (_name, parts, message) => {
    expect(refusal(() => read(pickle(...parts)))).toContain(message);
  });

  it('refuses a pickle without end, and no bytes', () => {
    expect(refusal(() => read(pickle(op.int(1)).subarray(0, -1)))).toContain('The pickle is cut off');
    expect(refusal(() => read(new Uint8Array(0)))).toContain('1 more bytes are needed at byte 0');
    expect(refusal(() => readPickle(pickle(op.none), 100, surroundings))).toContain('cut off');
  });

  it('takes nesting of any depth', () => {
    const times = (opcode: number[]) => Array<number>(200_000).fill(opcode[0]);
    const deep = pickle(times(op.mark), times(op.tuple));
    expect(read(deep)).toBeInstanceOf(PickleTuple);
  });
});
