import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OFFICIAL_RESNET18, officialWeights } from '../../../src/lab/transfer/official_weights.ts';

const content = Buffer.from('weights');
const sha256 = createHash('sha256').update(content).digest('hex');

let home: string;
let server: Server;
let served: Buffer;
let requests: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'wgrad-weights-'));
  served = content;
  requests = 0;
  server = createServer((_request, response) => {
    requests++;
    response.end(served);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

function options() {
  const { port } = server.address() as AddressInfo;
  return {
    environment: { variables: {}, platform: 'linux', home } as const,
    published: { file: 'w.pth', url: `http://127.0.0.1:${port}/w.pth`, sha256 },
  };
}

const cache = () => join(home, '.cache', 'wgrad');

describe('officialWeights', () => {
  it('downloads once, checks, and reads from the cache from then on', async () => {
    for (let time = 0; time < 2; time++) {
      const { file, bytes } = await officialWeights(options());
      expect(file).toBe(join(cache(), 'w.pth'));
      expect(Buffer.from(bytes)).toEqual(content);
    }
    expect(requests).toBe(1);
    expect(readdirSync(cache())).toEqual(['w.pth']);
  });

  it('replaces a damaged file in the cache', async () => {
    mkdirSync(cache(), { recursive: true });
    writeFileSync(join(cache(), 'w.pth'), 'damaged');
    await officialWeights(options());
    expect(readFileSync(join(cache(), 'w.pth'))).toEqual(content);
  });

  it('refuses what has another hash, and leaves nothing behind', async () => {
    served = Buffer.from('something else');
    await expect(officialWeights(options())).rejects.toMatchObject({ reason: 'content' });
    expect(readdirSync(cache())).toEqual([]);
  });

  it("knows torchvision's file by its hash, which its name begins with", () => {
    expect(OFFICIAL_RESNET18.file).toBe(`resnet18-${OFFICIAL_RESNET18.sha256.slice(0, 8)}.pth`);
    expect(OFFICIAL_RESNET18.url.endsWith(OFFICIAL_RESNET18.file)).toBe(true);
  });
});
