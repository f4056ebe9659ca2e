import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CIFAR10, cifarFiles } from '../../../src/data/cifar_form.ts';
import { loadCifar } from '../../../src/data/sources/cifar.ts';
import { type CifarDownloadOptions, downloadCifar } from '../../../src/data/sources/cifar_download.ts';
import { dataPlaces } from '../../../src/data/sources/data_places.ts';
import { DatasetUnavailable } from '../../../src/data/sources/dataset_unavailable.ts';
import { DownloadFailed } from '../../../src/node/download.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { allOf } from '../all_of.ts';
import {
  archiveMembers,
  fileBytes,
  label,
  type Member,
  makeArchive,
  RECORDS,
  SMALL_CIFAR10,
  temporaryPlace,
} from './synthetic_cifar.ts';

const NAMES = [...cifarFiles(CIFAR10).map(({ file }) => file), 'batches.meta.txt', 'readme.html'].sort();

let shared: Awaited<ReturnType<typeof temporaryPlace>>;
let good: { bytes: Buffer; md5: string };
beforeAll(async () => {
  shared = await temporaryPlace();
  good = await makeArchive(join(shared.folder, 'good.tar.gz'), archiveMembers());
});
afterAll(() => shared.remove());

let place: Awaited<ReturnType<typeof temporaryPlace>>;
let server: Server | undefined;
let cache: string;
beforeEach(async () => {
  place = await temporaryPlace();
  cache = join(place.folder, 'cache', 'wgrad');
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  await place.remove();
});

async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/cifar-10-binary.tar.gz`;
}

const serveBytes = (bytes: Buffer, headers: Record<string, string> = {}) =>
  serve((_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, ...headers });
    response.end(bytes);
  });

const fetchInto = (url: string, { md5 = good.md5, ...more }: Partial<CifarDownloadOptions> & { md5?: string } = {}) =>
  downloadCifar({ ...SMALL_CIFAR10, url, md5 }, { cache, ...more });

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('nothing failed');
    },
    (error: Error) => error,
  );
}

/** Nothing under the temporary folder but the cache folder itself. */
async function expectNothingLeft(): Promise<void> {
  const entries = await readdir(place.folder, { recursive: true });
  expect(entries.filter((entry) => !['cache', join('cache', 'wgrad')].includes(entry))).toEqual([]);
}

describe('a download that succeeds', () => {
  it('leaves the eight files in the cache and nothing else, and reports its progress', async () => {
    const url = await serveBytes(good.bytes);
    const seen: [number, number | undefined][] = [];
    const folder = await fetchInto(url, { onProgress: (bytes, total) => seen.push([bytes, total]) });
    expect(folder).toBe(join(cache, CIFAR10.folder));
    expect((await readdir(folder)).sort()).toEqual(NAMES);
    expect(await readdir(cache)).toEqual([CIFAR10.folder]);
    expect(seen.at(-1)).toEqual([good.bytes.length, good.bytes.length]);
    expect(seen.every(([bytes], index) => index === 0 || bytes > seen[index - 1][0])).toBe(true);
  });

  it('is asked for once: the second load reads the cache', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.end(good.bytes);
    });
    const { environment } = place;
    const places = await dataPlaces({ environment });
    const form = { ...SMALL_CIFAR10, url, md5: good.md5 };
    const first = await loadCifar(form, { places, environment });
    const second = await loadCifar(form, { places, environment });
    expect(requests).toBe(1);
    expect(first.source).toContain(url);
    expect(second.source).toBe(`folder ${join(cache, CIFAR10.folder)}`);
    expect(first.test.labels).toEqual(Uint8Array.from({ length: RECORDS }, (_, index) => label(index)));
    expect(Buffer.compare(allOf(second.train), allOf(first.train))).toBe(0);
  });

  it('takes the bytes as they lie, whatever content encoding the server claims', async () => {
    const url = await serveBytes(good.bytes, { 'content-encoding': 'x-gzip' });
    expect((await readdir(await fetchInto(url))).sort()).toEqual(NAMES);
  });

  it('follows redirects', async () => {
    const url = await serve((request, response) => {
      if (request.url?.startsWith('/moved')) response.end(good.bytes);
      else response.writeHead(302, { location: '/moved/archive' }).end();
    });
    expect((await readdir(await fetchInto(url))).sort()).toEqual(NAMES);
  });

  it('takes an archive in the old form of tar, without a magic word', async () => {
    const tar = gunzipSync(good.bytes);
    for (let at = tar.indexOf('ustar'); at >= 0; at = tar.indexOf('ustar', at)) {
      const header = tar.subarray(at - 257, at - 257 + 512);
      header.fill(0, 257, 265);
      header.fill(' ', 148, 156);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    }
    const bytes = gzipSync(tar);
    const md5 = createHash('md5').update(bytes).digest('hex');
    expect((await readdir(await fetchInto(await serveBytes(bytes), { md5 }))).sort()).toEqual(NAMES);
  });

  it('takes an archive whose short texts have other names', async () => {
    const members = [
      ...archiveMembers(),
      { name: `${CIFAR10.folder}/fine_label_names.txt`, bytes: Buffer.from('apple\n') },
    ];
    const { bytes, md5 } = await makeArchive(join(shared.folder, 'texts.tar.gz'), members);
    expect(await readdir(await fetchInto(await serveBytes(bytes), { md5 }))).toContain('fine_label_names.txt');
  });

  it('can run twice at the same time', async () => {
    const url = await serveBytes(good.bytes);
    const [first, second] = await Promise.all([fetchInto(url), fetchInto(url)]);
    expect(first).toBe(second);
    expect(await readdir(cache)).toEqual([CIFAR10.folder]);
    expect((await readdir(first)).sort()).toEqual(NAMES);
  });

  it('clears away what a killed process left a day ago, but not what is fresh', async () => {
    const [old, fresh] = ['cifar.partial-old', 'cifar.partial-new'];
    for (const name of [old, fresh]) await mkdir(join(cache, name), { recursive: true });
    await writeFile(join(cache, old, 'archive.tar.gz'), 'half');
    const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);
    await utimes(join(cache, old), twoDaysAgo, twoDaysAgo);
    await fetchInto(await serveBytes(good.bytes));
    expect((await readdir(cache)).sort()).toEqual([CIFAR10.folder, fresh].sort());
  });
});

describe('a download that fails', () => {
  const cases: [string, RequestListener, DownloadFailed['reason'], RegExp][] = [
    ['404', (_request, response) => response.writeHead(404).end(), 'network', /the server answered 404 Not Found/],
    [
      'an endless redirect',
      (request, response) => response.writeHead(301, { location: request.url }).end(),
      'network',
      /redirected more than 5 times/,
    ],
    [
      'a truncated body',
      (_request, response) => {
        response.writeHead(200, { 'content-length': good.bytes.length });
        response.write(good.bytes.subarray(0, 1000), () => response.destroy());
      },
      'network',
      /the connection broke after 1000 of \d+ bytes/,
    ],
    [
      'a truncated body of a server that tells no length',
      (_request, response) => {
        response.writeHead(200, { connection: 'close' });
        response.end(good.bytes.subarray(0, 1000));
      },
      'content',
      /what arrived has the md5 [0-9a-f]{32}, expected/,
    ],
    [
      'a page instead of the archive',
      (_request, response) => response.end('<html>Please log in</html>'),
      'content',
      /what arrived has the md5/,
    ],
  ];
  it.each(cases)('by %s leaves nothing behind and says why', async (_name, answer, reason, message) => {
    const error = await failure(fetchInto(await serve(answer)));
    expect(error).toBeInstanceOf(DownloadFailed);
    expect((error as DownloadFailed).reason).toBe(reason);
    expect(error.message).toMatch(message);
    await expectNothingLeft();
  });

  it('by a server that falls silent is given up', { timeout: 4000 }, async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': good.bytes.length });
      response.write(good.bytes.subarray(0, 10));
    });
    const error = await failure(fetchInto(url, { stallSeconds: 0.2 }));
    const message = `the connection broke after 10 of ${good.bytes.length} bytes: nothing arrived for 0.2 s`;
    expect(error).toMatchObject({ reason: 'network', message });
    await expectNothingLeft();
  });

  it('by a server that never answers is given up', { timeout: 4000 }, async () => {
    const error = await failure(fetchInto(await serve(() => {}), { stallSeconds: 0.2 }));
    expect(error).toMatchObject({ reason: 'network', message: 'nothing arrived for 0.2 s' });
    await expectNothingLeft();
  });

  it('by a refused connection makes the dataset unavailable, in one sentence', async () => {
    const url = await serve(() => {});
    server?.close();
    server = undefined;
    const { environment } = place;
    const places = await dataPlaces({ environment });
    const error = await failure(loadCifar({ ...SMALL_CIFAR10, url, md5: good.md5 }, { places, environment }));
    expect(error).toBeInstanceOf(DatasetUnavailable);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(
      /^cifar10 is not in .+, and http.+ could not be downloaded \(.*ECONNREFUSED.*\): fetch that file .* --data mnist\.$/,
    );
    await expectNothingLeft();
  });

  it('by a cache that cannot be written says so', async () => {
    await writeFile(join(place.folder, 'cache'), 'a file where the folder should be');
    const error = await failure(fetchInto(await serveBytes(good.bytes)));
    expect(error).toMatchObject({ reason: 'disk', message: expect.stringContaining('it could not be written') });
  });

  it('by being stopped in the middle leaves nothing behind and throws the reason', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': good.bytes.length });
      response.write(good.bytes.subarray(0, 1000));
    });
    const controller = new AbortController();
    const reason = new Error('stopped by the user');
    const error = await failure(
      fetchInto(url, { signal: controller.signal, onProgress: () => controller.abort(reason) }),
    );
    expect(error).toBe(reason);
    await expectNothingLeft();
  });
});

describe('an archive of the right md5 with the wrong content', () => {
  const replaced = (name: string, change: Partial<Member>): Member[] =>
    archiveMembers().map((member) => (member.name === `${CIFAR10.folder}/${name}` ? { ...member, ...change } : member));
  const cases: [string, () => Member[], RegExp][] = [
    [
      'a path out of the folder',
      () => [...archiveMembers(), { name: '../evil', bytes: Buffer.from('x') }],
      /"\.\.\/evil" \(file\)/,
    ],
    ['an absolute path', () => [{ name: '/tmp/evil', bytes: Buffer.from('x') }, ...archiveMembers()], /"\/?tmp\/evil"/],
    [
      'a path that winds back',
      () => replaced('test_batch.bin', { name: `${CIFAR10.folder}/../${CIFAR10.folder}/test_batch.bin` }),
      /which the archive of CIFAR-10 does not/,
    ],
    [
      'a link of a right name',
      () => replaced('test_batch.bin', { type: 'symlink', linkname: '/etc/passwd', bytes: undefined }),
      /test_batch\.bin" \(symlink\)/,
    ],
    [
      'another file',
      () => [...archiveMembers(), { name: `${CIFAR10.folder}/more.bin`, bytes: Buffer.from('x') }],
      /more\.bin/,
    ],
    ['a file twice', () => [...archiveMembers(), archiveMembers()[1]], /data_batch_1\.bin/],
    [
      'a file of another size',
      () => replaced('data_batch_4.bin', { bytes: fileBytes(3, RECORDS - 1) }),
      /data_batch_4\.bin has \d+ bytes, expected/,
    ],
    [
      'a text in a folder of its own',
      () => [...archiveMembers(), { name: `${CIFAR10.folder}/more/readme.html`, bytes: Buffer.from('x') }],
      /more\/readme\.html/,
    ],
    [
      'a text of many megabytes',
      () => replaced('readme.html', { bytes: Buffer.alloc(1 << 20) }),
      /readme\.html has 1048576 bytes/,
    ],
    [
      'a missing file',
      () => archiveMembers().filter(({ name }) => !name.endsWith('batch_2.bin')),
      /data_batch_2\.bin is not in it/,
    ],
  ];
  it.each(cases)('(%s) is refused and leaves nothing behind', async (_name, members, message) => {
    const archive = await makeArchive(join(shared.folder, 'bad.tar.gz'), members());
    const error = await failure(fetchInto(await serveBytes(archive.bytes), { md5: archive.md5 }));
    expect(error).toMatchObject({ reason: 'content', message: expect.stringMatching(message) });
    await expectNothingLeft();
    await expect(stat(join(cache, '..', 'evil'))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['not gzip', () => Buffer.from('not an archive')],
    ['gzip cut off', () => good.bytes.subarray(0, good.bytes.length - 100)],
    ['tar cut off', () => gzipSync(gunzipSync(good.bytes).subarray(0, 200_000))],
  ])('(%s) is refused and leaves nothing behind', async (_name, make) => {
    const bytes = make();
    const md5 = createHash('md5').update(bytes).digest('hex');
    const error = await failure(fetchInto(await serveBytes(bytes), { md5 }));
    expect(error).toMatchObject({ reason: 'content', message: expect.stringContaining('what arrived is damaged: ') });
    await expectNothingLeft();
  });
});
