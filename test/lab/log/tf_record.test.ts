import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc, tfRecord } from '../../../src/lab/log/tf_record.ts';

describe('crc32c', () => {
  // Of RFC 3720, appendix B.4, and the customary check value.
  it.each<[string, Uint8Array, number]>([
    ['32 bytes of 0', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of 255', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ["'123456789'", new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of %s is the published one', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });
});

describe('tfRecord', () => {
  it('frames data by length and masked checksums', () => {
    const data = new TextEncoder().encode('123456789');
    const record = tfRecord(data);
    const view = new DataView(record.buffer);
    expect(record.length).toBe(9 + 16);
    expect(view.getBigUint64(0, true)).toBe(9n);
    expect(record.subarray(12, 21)).toEqual(data);
    // 0xe3069283 turned right by 15 bits is 0x2507c60d.
    expect(maskedCrc(data)).toBe((0x2507c60d + 0xa282ead8) >>> 0);
    expect(view.getUint32(21, true)).toBe(maskedCrc(data));
    expect(view.getUint32(8, true)).toBe(maskedCrc(record.subarray(0, 8)));
  });
});
