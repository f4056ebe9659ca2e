import { readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
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

/** Serves the site under a path of its own, as a static host does, and nothing else but what is given by its name there. */
export async function serveSite(
  given: Readonly<Record<string, RequestListener>> = {},
): Promise<{ server: Server; url: string }> {
  const under = '/a/b/';
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const own = given[path.slice(under.length)];
    if (own) return own(request, response);
    const file = path.startsWith(under) ? join(SITE, path.slice(under.length) || 'index.html') : '';
    if (!file.startsWith(SITE) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      return void response.writeHead(404).end();
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${under}` };
}
