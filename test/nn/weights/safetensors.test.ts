import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/nn/weights/host_tensor.ts';
import { readSafetensors, writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { refusal } from './refusal.ts';

const TENSORS = new Map<string, HostTensor>([
  ['layer.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, -0) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['steps', { shape: [], data: Uint32Array.of(4_294_967_295) }],
]);

/** A file with this header and so many bytes of data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('safetensors', () => {
  it('reads what it wrote, bit for bit', () => {
    const bytes = writeSafetensors(TENSORS, { epoch: '3', note: 'größer "x"' });
    const { tensors, metadata } = readSafetensors(bytes);
    expect(tensors).toEqual(TENSORS);
    expect(Object.is(tensors.get('layer.weight')?.data[5], -0)).toBe(true);
    expect(metadata).toEqual({ epoch: '3', note: 'größer "x"' });
    // Wherever the bytes begin in their memory.
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readSafetensors(shifted.subarray(3)).tensors).toEqual(TENSORS);
    expect(readSafetensors(Buffer.from(bytes)).tensors).toEqual(TENSORS);
    expect(writeSafetensors(tensors, metadata)).toEqual(bytes);
  });

  it('lays a file out as the format says', () => {
    const bytes = writeSafetensors(new Map([['a', { shape: [1], data: Float32Array.of(1) }]]));
    const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('reads tensors in any order of their bytes', () => {
    const bytes = file({ late: f32([1], 4, 8), early: f32([1], 0, 4) }, 8);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 5, true);
    expect(readSafetensors(bytes).tensors.get('late')?.data[0]).toBe(5);
  });

  it('reads other types of element as float32', () => {
    const bytes = file(
      {
        a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
        steps: { dtype: 'I64', shape: [], data_offsets: [4, 12] },
      },
      12,
    );
    new DataView(bytes.buffer).setUint16(bytes.length - 12, 0x3e00, true);
    new DataView(bytes.buffer).setBigInt64(bytes.length - 8, -3n, true);
    expect([...readSafetensors(bytes).tensors]).toEqual([
      ['a', { shape: [2], data: Float32Array.of(1.5, 0) }],
      ['steps', { shape: [], data: Float32Array.of(-3) }],
    ]);
  });

  it('takes names that objects have of themselves', () => {
    const tensor = { shape: [1], data: Float32Array.of(1) };
    const odd = new Map([
      ['__proto__', tensor],
      ['constructor', tensor],
      ['"\\', tensor],
      ['7', tensor],
    ]);
    const metadata = Object.fromEntries([['__proto__', 'x']]);
    const read = readSafetensors(writeSafetensors(odd, metadata));
    expect(new Set(read.tensors.keys())).toEqual(new Set(odd.keys()));
    expect(Object.entries(read.metadata)).toEqual([['__proto__', 'x']]);
  });

  it('refuses to write a shape that is not the data’s', () => {
    const wrong = new Map([['a', { shape: [2], data: new Float32Array(3) }]]);
    expect(() => writeSafetensors(wrong)).toThrow("'a': shape [2] has 2 elements, the data 3.");
  });

  const whole = writeSafetensors(TENSORS);
  it.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), "begins with eight bytes for its header's length; this one has 0"],
    ['seven bytes', new Uint8Array(7), 'this one has 7 bytes in all'],
    ['a zip file', new TextEncoder().encode('PK\x03\x04 and so on and on'), 'more than the 100000000 allowed'],
    ['a header cut off', whole.subarray(0, 40), 'but only 32 follow: the file is cut off'],
    ['data cut off', whole.subarray(0, whole.length - 4), "'steps' ends at byte 28 of the data, but only 24 are there"],
    ['data too long', file({ a: f32([1], 0, 4) }, 8), 'The tensors end at byte 4 of the data, but 8 are there.'],
    ['no JSON', file('{"a":', 0), 'The safetensors header is not JSON'],
    ['an empty header', file('', 0), 'The safetensors header is not JSON'],
    ['a header that is no text', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), 'The safetensors header is not JSON'],
    ['a list', file([1], 0), 'The safetensors header is not a JSON object'],
    [
      'another dtype',
      file({ a: { ...f32([1], 0, 1), dtype: 'F8_E4M3' } }, 1),
      '\'a\' is of dtype "F8_E4M3"; these can be read: F64, F32, F16, BF16,',
    ],
    ['no dtype', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), "'a' is of dtype undefined"],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), "'a' has the shape [-1]; a list of whole numbers is needed."],
    ['a size beyond all counting', file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), "'a' has the shape"],
    ['offsets the wrong way', file({ a: f32([1], 4, 0) }, 4), "'a' has the data_offsets [4,0]"],
    ['offsets that are no numbers', file({ a: f32([1], '0', 4) }, 4), "'a' has the data_offsets"],
    [
      'offsets too far apart',
      file({ a: f32([1], 0, 8) }, 8),
      "'a' of shape [1] and dtype F32 needs 4 bytes, but its data_offsets span 8.",
    ],
    [
      'an overlap',
      file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8),
      "'b' begins at byte 4 of the data, inside the tensor before it, which ends at 8.",
    ],
    [
      'a gap',
      file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
      "The bytes from 4 to 8 before 'b' belong to no tensor.",
    ],
    [
      'the bytes of another dtype',
      file({ a: { ...f32([3], 0, 12), dtype: 'F16' } }, 12),
      "'a' of shape [3] and dtype F16 needs 6 bytes, but its data_offsets span 12.",
    ],
    ['a header beyond all measure', file('{}'.padEnd(20), 0).fill(0xff, 0, 8), 'claims 18446744073709551615 bytes'],
    ['a name twice', file(`{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061" : {}}`, 4), "header holds 'a' twice."],
    ['a text twice', file('{"__metadata__":{"b":"{","b":"1"}}', 0), "The safetensors header holds 'b' twice."],
    ['a shape twice', file('{"a":{"shape":[1],"dtype":"F32","shape":[2]}}', 0), "header holds 'shape' twice."],
    ['a name with a line break', file({ 'a\nb': 3 }, 0), "describes 'a\\nb' by something"],
    ['a name without end', file({ ['a'.repeat(1e6)]: 3 }, 0), "aaa…' by something that is not an object"],
    ['a shape without end', file({ a: f32(Array(1e5).fill('x'), 0, 4) }, 4), '…; a list of whole numbers is needed.'],
    [
      'a nest of lists',
      file(`{"a":{"dtype":"F32","shape":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, 0),
      "'a' has the shape […]",
    ],
    ['a mark before its header', file(`\ufeff{"a":${JSON.stringify(f32([1], 0, 4))}}`, 4), 'header is not JSON'],
    ['an entry that is none', file({ a: 3 }, 0), "describes 'a' by something that is not an object"],
    ['metadata that is no text', file({ __metadata__: { epoch: 3 } }, 0), "holds 'epoch', which is not a text"],
    ['metadata that is no object', file({ __metadata__: 'x' }, 0), 'is not an object of texts'],
  ])('refuses %s in one sentence', (_name, bytes, message) => {
    expect(refusal(() => readSafetensors(bytes))).toContain(message);
  });
});
