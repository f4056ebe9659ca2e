import { crc32 as reference } from 'node:zlib';
import { expect, it } from 'vitest';
import { crc32 } from '../../../src/nn/weights/crc32.ts';
import { Philox } from '../../../src/node.ts';

it('is the checksum of zip archives', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  const generator = new Philox(1);
  for (const length of [0, 1, 255, 4097]) {
    const bytes = Uint8Array.from({ length }, () => generator.below(256));
    expect(crc32(bytes)).toBe(reference(bytes));
  }
});
