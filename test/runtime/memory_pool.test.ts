import { describe, expect, it } from 'vitest';
import { MemoryPool, sizeClass } from '../../src/runtime/memory_pool.ts';

function pool() {
  const destroyed: number[] = [];
  const made: number[] = [];
  const create = (size: number) => {
    made.push(size);
    return { size, destroy: () => destroyed.push(size) } as unknown as GPUBuffer;
  };
  return { pool: new MemoryPool(create), made, destroyed };
}

describe('sizeClass', () => {
  it('holds the request, wastes a fifth at most, and is a multiple of 16', () => {
    for (const bytes of [1, 255, 256, 257, 300, 1000, 4000, 65_537, 1_000_000, 33_554_432, 33_554_433]) {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      if (bytes > 256) expect((size - bytes) / size).toBeLessThan(0.2);
      expect(size % 16).toBe(0);
    }
    expect(sizeClass(33_554_432)).toBe(33_554_432);
  });
});

describe('MemoryPool', () => {
  it('hands freed buffers of the same class out again, the oldest first', () => {
    const { pool: p, made } = pool();
    const [a, b, c] = [p.acquire(1000), p.acquire(1000), p.acquire(1000)];
    for (const buffer of [b, c, a]) p.release(buffer);
    expect([p.acquire(900), p.acquire(1000), p.acquire(1000)]).toEqual([a, b, c]);
    expect(made).toEqual([1024, 1024, 1024]);
  });

  it('counts live, peak and held bytes', () => {
    const { pool: p, destroyed } = pool();
    const a = p.acquire(1024);
    p.acquire(2048);
    p.release(a);
    expect(p.use).toEqual({ liveBytes: 2048, peakBytes: 3072, heldBytes: 3072 });
    p.resetPeak();
    expect(p.use.peakBytes).toBe(2048);
    expect([p.growth(1024), p.growth(2048)]).toEqual([0, 2048]);
    p.trim();
    expect(destroyed).toEqual([1024]);
    expect(p.use.heldBytes).toBe(2048);
  });

  it('keeps a buffer in use until the last of its users is gone', () => {
    const { pool: p } = pool();
    const whole = p.acquire(1024);
    const part = p.share(whole, 512);
    expect([part.offset, part.buffer, part.serial]).toEqual([512, whole.buffer, whole.serial]);
    // The same part is the same object: bind groups are known by it.
    expect(p.share(part, 512)).toBe(part);
    expect(p.share(part, 0)).toBe(whole);
    for (const memory of [whole, part, whole]) {
      p.release(memory);
      expect(p.use.liveBytes).toBe(1024);
    }
    p.release(part);
    expect(p.use.liveBytes).toBe(0);
    expect(p.acquire(1024)).toBe(whole);
  });
});
