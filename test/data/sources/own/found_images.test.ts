import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findImages } from '../../../../src/data/sources/own/found_images.ts';
import { useFolder } from './made_images.ts';

const held = useFolder();
const at = (...parts: string[]) => join(held.path, ...parts);

beforeAll(() => {
  for (const file of ['a/1.png', 'a/deep/2.JPG', 'b/1.png', 'b/notes.txt', 'b/.hidden.png']) {
    mkdirSync(at(file, '..'), { recursive: true });
    writeFileSync(at(file), '');
  }
});

describe('findImages', () => {
  it('finds all images of folders, and files as they are named, each once and under a name of its own', async () => {
    const { images, passedOver } = await findImages([at('b'), at('a'), at('a', '1.png'), at('gone.png')]);
    expect(images).toEqual([
      { path: at('b/1.png'), name: 'b/1.png' },
      { path: at('a/1.png'), name: 'a/1.png' },
      { path: at('a/deep/2.JPG'), name: 'a/deep/2.JPG' },
      { path: at('gone.png'), name: 'gone.png' },
    ]);
    expect(passedOver).toEqual(['notes.txt']);
  });

  it('names a single image, and those of one folder, by what they are called there', async () => {
    expect((await findImages([at('a/deep/2.JPG')])).images).toEqual([{ path: at('a/deep/2.JPG'), name: '2.JPG' }]);
    expect((await findImages([at('a')])).images.map(({ name }) => name)).toEqual(['1.png', 'deep/2.JPG']);
    expect((await findImages([])).images).toEqual([]);
  });
});
