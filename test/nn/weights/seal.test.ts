import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { checkSeal, isSealed } from '../../../src/nn/weights/seal.ts';

const TENSORS = new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]);

describe('a sealed file', () => {
  it('holds the SHA-256 of its bytes, zeros in place of the checksum', () => {
    const file = writeSafetensors(TENSORS, { a: 'b' }, { sealed: true });
    const text = new TextDecoder().decode(file);
    const [, digest] = /^[^{]*\{"__metadata__":\{"wgrad\.sha256":"([0-9a-f]{64})","a":"b"\}/s.exec(text) ?? [];
    const at = Buffer.from(file).indexOf(digest);
    const zeroed = file.slice().fill(0x30, at, at + 64);
    expect(createHash('sha256').update(zeroed).digest('hex')).toBe(digest);
    expect(isSealed(file)).toBe(true);
    expect(readSafetensors(file)).toEqual({ tensors: TENSORS, metadata: { a: 'b' }, sealed: true });
  });

  it('is refused with another number in it', () => {
    const file = writeSafetensors(TENSORS, {}, { sealed: true });
    new DataView(file.buffer).setFloat32(file.length - 4, 3, true);
    expect(() => checkSeal(file)).toThrow('some of them have changed');
    expect(() => readSafetensors(file)).toThrow('some of them have changed');
  });

  it('is told from one without a checksum', () => {
    const file = writeSafetensors(TENSORS, { sha256: 'x' });
    expect(isSealed(file)).toBe(false);
    expect(readSafetensors(file)).toEqual({ tensors: TENSORS, metadata: { sha256: 'x' }, sealed: false });
  });
});
