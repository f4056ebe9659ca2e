import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readShader } from '../../src/node.ts';
import { parseShader, withConstants } from '../../src/runtime/shader.ts';
import { constantSets, TILE_NAMES, TILES } from '../../src/runtime/tiles.ts';

const blocked = readdirSync(new URL('../../shaders/', import.meta.url))
  .map((file) => file.replace('.wgsl', ''))
  .filter((name) => name.endsWith('_blocked'));

it('sets the constants of the shaders of the blocked rung, which by themselves have the usual tile', () => {
  expect(blocked.length).toBe(4);
  for (const name of blocked) {
    const text = readShader(name);
    expect(parseShader(name, text).constants).toEqual(TILES[TILE_NAMES[0]].constants);
    const sets = constantSets(name);
    expect(sets).toHaveLength(TILE_NAMES.length);
    for (const constants of sets) {
      expect(parseShader(name, withConstants(name, text, constants)).constants).toEqual(constants);
    }
  }
  expect(constantSets('matmul_tiled')).toEqual([]);
});
