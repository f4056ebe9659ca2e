import { expect, it } from 'vitest';
import { LIMIT_CHECKS } from '../../../src/inspect/conformance/limits.ts';
import { readShader } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';

const plain = { poison: false, fences: false, gridWidth: undefined };
const held = useGpu(plain);
const [largest, beyond] = LIMIT_CHECKS;

it.each(LIMIT_CHECKS)('$name', async ({ run }) => {
  expect(await run(held.gpu, true)).toMatch(/MiB of the|refused|over two rows/);
});

it('takes less where there is no room for what the adapter states', async () => {
  const { gpu } = held;
  gpu.memoryLimit = 250 * 2 ** 20;
  expect(await largest.run(gpu, false)).toMatch(/^\d+ MiB of the \d+ MiB/);
  gpu.memoryLimit = 2 ** 20;
  await expect(largest.run(gpu, false)).rejects.toThrow('no room for');
  gpu.memoryLimit = Number.POSITIVE_INFINITY;
  expect(await beyond.run(gpu, false)).toBe('refused');
});

const last = useGpu({
  ...plain,
  shaders: (name) =>
    name === 'fill'
      ? readShader(name).replace('i >= params.vectors', 'i >= min(params.vectors, 1000u)')
      : readShader(name),
});

it('says which element is wrong', async () => {
  await expect(largest.run(last.gpu, true)).rejects.toThrow(/element \d+ of an array of \d+ MiB is .* and must be 7/);
});
