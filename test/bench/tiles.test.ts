import { expect, it } from 'vitest';
import { countsOf, countsOfTiledRung, tilesTable } from '../../bench/tiles.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { openDevice, readShader } from '../../src/node.ts';
import type { RungName } from '../../src/runtime/rungs.ts';
import { TILE_NAMES, TILES, type TileName } from '../../src/runtime/tiles.ts';

/** What a counting kernel counts, by the place of the count: each by its pattern in the text and what is put there. */
const COUNTERS: [pattern: RegExp, replacement: string][] = [
  // Reads of a slab and of the operands; a store is what an '=' follows.
  [/\bslab_[ab]\[(?![^\]]*\] = )/g, '$&count(0u) + '],
  [/(?<![\w_])[ab]\[(?![^\]]*\] = )/g, '$&count(1u) + '],
  [/\bslab_[ab]\[(?=[^\]]*\] = )/g, '$&count(2u) + '],
  [/vec4f\((?=[va]\.)/g, '$&f32(count(3u)) + '],
  // Barriers stand beside the stores, as thousands.
  [/workgroupBarrier\(\);/g, '$& counts[2] += 1000u;'],
];

/** A shader that gives its invocation's counts in the place of its sums. */
function counting(name: string): string {
  const text = COUNTERS.reduce(
    (code, [pattern, replacement]) => code.replace(pattern, replacement),
    readShader(name).replace(/^\/\/.*$/gm, ''),
  );
  const counts = 'var<private> counts: array<u32, 4>;\nfn count(i: u32) -> u32 { counts[i] += 1u; return 0u; }\n';
  return text
    .replace(/\] = sum\[[^\]]*\];/, '] = vec4f(f32(counts[0]), f32(counts[1]), f32(counts[2]), f32(counts[3]));')
    .replace('@compute', `${counts}@compute`);
}

/** Counts of an invocation, as a kernel of this tile counts them in a product of one block whose sum is three slabs. */
async function counted(rung: RungName, { rows, columns, depth }: { rows: number; columns: number; depth: number }) {
  const shaders = (name: string) => (/^matmul_(blocked|tiled)$/.test(name) ? counting(name) : readShader(name));
  const gpu = await openDevice({ shaders, rung });
  try {
    const [a, b] = [new Float32Array(rows * 3 * depth), new Float32Array(columns * 3 * depth)];
    const shape = { m: rows, n: columns, k: 3 * depth };
    const result = await matmul(gpu.upload(a, 'a'), gpu.upload(b, 'b'), shape).read();
    const [workgroupLoads, bufferLoads, stores, multiplyAdds] = result;
    // All invocations do the same.
    expect(result.every((count, i) => count === result[i % 4])).toBe(true);
    const [workgroupStores, barriers] = [stores % 1000, Math.floor(stores / 1000)];
    return { workgroupLoads, bufferLoads, workgroupStores, multiplyAdds: 4 * multiplyAdds, barriers };
  } finally {
    gpu.close();
  }
}

/** The same from the tile's sizes: of an invocation rather than of an element. */
function expected(counts: ReturnType<typeof countsOf>, elements: number) {
  const { registers, workgroupLoads, bufferLoads, workgroupStores, multiplyAdds, barriers } = counts;
  return {
    ...{ workgroupLoads: workgroupLoads * registers, bufferLoads: bufferLoads * registers },
    ...{ workgroupStores: workgroupStores * registers, multiplyAdds: multiplyAdds * registers },
    barriers: barriers * elements,
  };
}

it.each<TileName>(['64x64x16/4x4', '64x64x16/8x4'])('counts what a kernel of tile %s counts itself', async (name) => {
  const tile = TILES[name];
  const counts = countsOf(tile, 3 * tile.depth);
  expect(await counted(`blocked:${name}`, tile)).toEqual(expected(counts, tile.rows * tile.columns));
});

it('counts what a kernel of the tiled rung counts itself', async () => {
  const counts = countsOfTiledRung(48);
  expect(await counted('tiled', { rows: 64, columns: 64, depth: 16 })).toEqual(expected(counts, 64 * 64));
});

it('has fewer loads from workgroup memory the more an invocation owns, and fewer from buffers the larger the block', () => {
  const [small, large] = [countsOf(TILES['64x64x16/4x4'], 576), countsOf(TILES['128x128x16/8x8'], 576)];
  expect(large.workgroupLoads).toBe(small.workgroupLoads / 2);
  expect(large.bufferLoads).toBe(small.bufferLoads / 2);
  for (const name of TILE_NAMES) expect(tilesTable()).toContain(name);
});
