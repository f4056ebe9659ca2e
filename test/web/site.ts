import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The folder that `npm run web:build` writes, and the one file beside it. */
export const SITE = fileURLToPath(new URL('../../web/dist/site/', import.meta.url));
export const OFFLINE = fileURLToPath(new URL('../../web/dist/wgrad.html', import.meta.url));

/** Serves the site under a path of its own, as a static host does, and nothing else. */
export async function serveSite(under = '/a/b/'): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const file = path.startsWith(under) ? join(SITE, path.slice(under.length) || 'index.html') : '';
    if (!file.startsWith(SITE) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${under}` };
}
