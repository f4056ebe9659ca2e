import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { isZip, readZipEntries } from '../../../src/nn/weights/zip_entries.ts';
import { refusal } from './refusal.ts';

const CONTENT = { 'a/data.pkl': Uint8Array.of(1, 2, 3), 'a/data/0': new Uint8Array(0), 'a/größer': Uint8Array.of(9) };
const stored = () => zipSync(CONTENT, { level: 0, comment: 'a comment' });

/** Where a signature is, by its two letters and numbers. */
function find(file: Uint8Array, signature: string): number {
  return Buffer.from(file.buffer, file.byteOffset, file.byteLength).indexOf(`PK${signature}`);
}

const CENTRAL = '\x01\x02';
const LOCAL = '\x03\x04';
const END = '\x05\x06';

/** The archive with some bytes changed, counted from a signature. */
function changed(signature: string, offset: number, ...bytes: number[]): Uint8Array {
  const file = stored();
  file.set(bytes, find(file, signature) + offset);
  return file;
}

/** The archive's one entry, with its sizes and place, and the directory's, in ZIP64 fields alone, as APPNOTE 4.3.14 to 4.5.3 have them. */
function zip64(): Uint8Array {
  const file = Buffer.from(zipSync({ 'a/data.pkl': Uint8Array.of(1, 2, 3) }, { level: 0 }));
  const [central, end] = [find(file, CENTRAL), find(file, END)];
  const entry = Buffer.from(file.subarray(central, end));
  const numbers = [20, 24, 42].map((at) => entry.readUInt32LE(at));
  for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, at);
  const unknown = Buffer.from([0x99, 0x99, 2, 0, 7, 7]);
  const field = Buffer.alloc(28);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(24, 2);
  for (const [i, n] of [numbers[1], numbers[0], numbers[2]].entries()) field.writeBigUInt64LE(BigInt(n), 4 + 8 * i);
  entry.writeUInt16LE(unknown.length + field.length, 30);

  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(1n, 32);
  end64.writeBigUInt64LE(BigInt(central), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(central + entry.length + unknown.length + field.length), 8);
  const last = Buffer.from(file.subarray(end));
  last.writeUInt16LE(0xffff, 10);
  last.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([file.subarray(0, central), entry, unknown, field, end64, locator, last]);
}

/** The archive with another first byte in its first file. */
function withContent(byte: number): Uint8Array {
  const file = stored();
  file[find(file, LOCAL) + 30 + 'a/data.pkl'.length] = byte;
  return file;
}

describe('readZipEntries', () => {
  it('gives the stored files by name', () => {
    expect(isZip(stored())).toBe(true);
    expect(readZipEntries(stored())).toEqual(new Map(Object.entries(CONTENT)));
    const shifted = new Uint8Array(stored().length + 5);
    shifted.set(stored(), 5);
    expect(readZipEntries(shifted.subarray(5))).toEqual(new Map(Object.entries(CONTENT)));
    expect(isZip(Uint8Array.of(0x50, 0x4b, 3))).toBe(false);
  });

  it('reads ZIP64', () => {
    expect([...readZipEntries(new Uint8Array(zip64()))]).toEqual([['a/data.pkl', Uint8Array.of(1, 2, 3)]]);
  });

  it.each<[string, Uint8Array, string]>([
    ['compressed files', zipSync({ 'a/data.pkl': new Uint8Array(100) }, { level: 6 }), 'is compressed, which PyTorch'],
    ['encrypted ones', changed(CENTRAL, 8, 1, 0), "The zip archive's 'a/data.pkl' is encrypted"],
    ['no end', stored().subarray(0, find(stored(), END)), 'its end was not found'],
    ['a directory that is elsewhere', changed(END, 16, 0xff, 0xff, 0xff, 0x7f), 'its directory is not whole'],
    ['more entries than there are', changed(END, 10, 200, 0), 'its directory is not whole'],
    ['a name without end', changed(CENTRAL, 28, 0xff, 0xff), 'its directory is not whole'],
    ['an entry that is elsewhere', changed(CENTRAL, 42, 1, 0, 0, 0), "'a/data.pkl' is not where its directory says"],
    ['an entry beyond the end', changed(CENTRAL, 20, 0, 0, 1, 0, 0, 0, 1, 0), "'a/data.pkl' ends beyond it"],
    ['content that has changed', withContent(7), "'a/data.pkl' is not what its checksum is of"],
    ['another checksum', changed(CENTRAL, 16, 1, 2, 3, 4), "'a/data.pkl' is not what its checksum is of"],
    ['two sizes', changed(CENTRAL, 20, 1, 0, 0, 0), "'a/data.pkl' is stored in another size than its own"],
    ['a local name beyond the end', changed(LOCAL, 26, 0xff, 0xff), "'a/data.pkl' ends beyond it"],
    ['a full size without ZIP64', changed(CENTRAL, 24, 0xff, 0xff, 0xff, 0xff), "'a/data.pkl' has no ZIP64 field"],
  ])('refuses %s', (_name, file, message) => {
    expect(refusal(() => readZipEntries(file))).toContain(message);
  });

  it('reads files of which PyTorch was told to compute no checksum', () => {
    expect(readZipEntries(changed(CENTRAL, 16, 0, 0, 0, 0))).toEqual(new Map(Object.entries(CONTENT)));
  });

  it('refuses two files of one name', () => {
    const file = Buffer.from(zipSync({ 'a/0': Uint8Array.of(1), 'a/1': Uint8Array.of(2) }, { level: 0 }));
    file.write('a/0', file.lastIndexOf('a/1'));
    expect(refusal(() => readZipEntries(file))).toContain("'a/0' is in it twice");
  });

  it('refuses a ZIP64 end that is not where it should be', () => {
    const file = Buffer.from(zip64());
    file.writeBigUInt64LE(2n ** 63n, file.indexOf('PK\x06\x07') + 8);
    expect(refusal(() => readZipEntries(file))).toContain('its ZIP64 end was not found');
  });
});
