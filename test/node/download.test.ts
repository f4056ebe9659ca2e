import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DownloadFailed, type DownloadOptions, download } from '../../src/node/download.ts';

const BYTES = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) % 256));
const hex = createHash('sha256').update(BYTES).digest('hex');

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-download-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/file`;
}

const fetched = (url: string, given: Partial<DownloadOptions> = {}) => {
  const destination = join(folder, 'file');
  return download({ url, digest: { algorithm: 'sha256', hex }, destination, stallSeconds: 1, ...given }).then(() =>
    readFileSync(destination),
  );
};

it('gives the file, also from a server that sends it slowly in pieces', async () => {
  const url = await serve(async (_request, response) => {
    response.writeHead(200, { 'content-length': BYTES.length });
    for (let at = 0; at < BYTES.length; at += 10_000) {
      response.write(BYTES.subarray(at, at + 10_000));
      // Together longer than it may stall, each less.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    response.end();
  });
  expect((await fetched(url)).equals(BYTES)).toBe(true);
});

it('follows a redirect that is relative, and one to another place', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/file') response.writeHead(301, { location: 'second' }).end();
    else if (request.url === '/second') response.writeHead(307, { location: `${url}3` }).end();
    else response.end(BYTES);
  });
  expect((await fetched(url)).equals(BYTES)).toBe(true);
});

it('two at once into files of their own give both', async () => {
  const url = await serve((_request, response) => response.end(BYTES));
  const [a, b] = await Promise.all([fetched(url), fetched(url, { destination: join(folder, 'other') })]);
  expect(a.equals(BYTES)).toBe(true);
  expect(b.equals(BYTES)).toBe(true);
  expect(readFileSync(join(folder, 'other')).equals(BYTES)).toBe(true);
});

it.each<[string, RequestListener, DownloadFailed['reason'], RegExp]>([
  ['500', (_, response) => response.writeHead(500).end(), 'network', /^the server answered 500 Internal Server Error$/],
  ['403', (_, response) => response.writeHead(403).end(), 'network', /^the server answered 403 Forbidden$/],
  [
    '204 and nothing',
    (_, response) => response.writeHead(204).end(),
    'network',
    /^the server answered 204 No Content$/,
  ],
  [
    'a part that was not asked for',
    (_, response) => response.writeHead(206).end(BYTES),
    'network',
    /^the server answered 206/,
  ],
  [
    'a redirect to nowhere',
    (_, response) => response.writeHead(302).end(),
    'network',
    /^the server answered 302 Found$/,
  ],
  [
    'a redirect to a file',
    (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'network',
    /^the server redirected to "file:\/\/\/etc\/passwd", which is no web address$/,
  ],
  [
    'a redirect that is no address',
    (_, response) => response.writeHead(302, { location: 'http://[' }).end(),
    'network',
    /^the server redirected to "http:\/\/\[", which is no web address$/,
  ],
  ['nothing', (_, response) => response.end(), 'content', /^what arrived has the sha256 e3b0c44298fc/],
  [
    'one bit wrong',
    (_, response) => response.end(BYTES.map((byte, i) => (i === 7 ? byte ^ 1 : byte))),
    'content',
    /^what arrived has/,
  ],
  ['a byte more', (_, response) => response.end(Buffer.concat([BYTES, Buffer.of(0)])), 'content', /^what arrived has/],
  [
    'fewer bytes than it said',
    (_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length + 1 });
      response.write(BYTES, () => response.destroy());
    },
    'network',
    /^the connection broke after 50000 of 50001 bytes: /,
  ],
  ['no answer but an end', (request) => request.socket.destroy(), 'network', /^socket hang up$/],
])('says why where the server gives %s', async (_, answer, reason, message) => {
  const error = await fetched(await serve(answer)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DownloadFailed);
  expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
});

it('does not write over a file', async () => {
  writeFileSync(join(folder, 'file'), 'there before');
  const error = await fetched(await serve((_, response) => response.end(BYTES))).catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: 'disk', message: expect.stringContaining('EEXIST') });
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('there before');
});

it('says of a connection that fails that a proxy is not asked, where one is named', async () => {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])
    vi.stubEnv(name, undefined);
  const url = await serve((request) => request.socket.destroy());
  expect((await fetched(url).catch((thrown) => thrown)).message).toBe('socket hang up');
  vi.stubEnv('HTTPS_PROXY', 'http://proxy:3128');
  const error = await fetched(url, { destination: join(folder, 'again') }).catch((thrown) => thrown);
  expect(error.message).toBe('socket hang up; the proxy of HTTPS_PROXY is not asked');
});
