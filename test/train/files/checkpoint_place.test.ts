import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/nn/weights/safetensors.ts';
import { checkpointPlace } from '../../../src/train/files/checkpoint_place.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-place-'));
  path = join(folder, 'x.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true }));

const tensors = new Map([['model.x', { shape: [3], data: Float32Array.of(1, 2, 3) }]]);

describe('checkpointPlace', () => {
  it('is the finished epochs and their seconds, without those of the epoch under way', async () => {
    const position = JSON.stringify({ epoch: 2, step: 5, epochSeconds: [1.5, 2.5, 9], history: ['…'] });
    writeFileSync(path, writeSafetensors(tensors, { position }, { sealed: true }));
    expect(await checkpointPlace(path)).toEqual({ epochs: 2, seconds: 4 });
  });

  it('is not known of a file that is not there, says nothing of it or is damaged', async () => {
    expect(await checkpointPlace(path)).toBeUndefined();
    writeFileSync(path, writeSafetensors(tensors, { record: '{}' }));
    expect(await checkpointPlace(path)).toBeUndefined();
    for (const bytes of [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(40).fill(255)]) {
      writeFileSync(path, bytes);
      expect(await checkpointPlace(path)).toBeUndefined();
    }
  });
});
