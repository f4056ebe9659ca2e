import { expect, it } from 'vitest';
import { LIMIT_CHECKS } from '../../../src/inspect/conformance/limits.ts';
import { type Gpu, OutOfMemoryError, readShader } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const plain = { poison: false, fences: false, gridWidth: undefined };
const held = useGpu(plain);
const [largest, beyond] = LIMIT_CHECKS;

it.each(LIMIT_CHECKS)('$name', async ({ run }) => {
  expect(await run(async () => held.gpu, true)).toMatch(/MiB of the|refused|over two rows/);
});

it('takes less where there is no room for what the adapter states', async () => {
  const { gpu } = held;
  const open = async () => gpu;
  gpu.memoryLimit = 250 * 2 ** 20;
  expect(await largest.run(open, false)).toMatch(/^\d+ MiB of the \d+ MiB/);
  gpu.memoryLimit = 2 ** 20;
  await expect(largest.run(open, false)).rejects.toThrow('no room for');
  gpu.memoryLimit = Number.POSITIVE_INFINITY;
  expect(await beyond.run(open, false)).toBe('refused');
});

it('goes on with another device where the driver has no room for what it states', async () => {
  const full = {
    limits: { arrayBytes: 2 ** 28 },
    scope: () => Promise.reject(new OutOfMemoryError('no room')),
  } as unknown as Gpu;
  // Asked for what it states, then for the array.
  const devices = [full, full, held.gpu];
  expect(await largest.run(async () => devices.shift() as Gpu, false)).toBe(
    '128 MiB of the 256 MiB that it states; there was no room for 256 MiB',
  );
  expect(devices).toEqual([]);
});

const last = useGpu({
  ...plain,
  shaders: (name) =>
    name === 'fill'
      ? readShader(name).replace('i >= params.vectors', 'i >= min(params.vectors, 1000u)')
      : readShader(name),
});

it('says which element is wrong', async () => {
  await expect(largest.run(async () => last.gpu, true)).rejects.toThrow(
    /element \d+ of an array of \d+ MiB is .* and must be 7/,
  );
});
