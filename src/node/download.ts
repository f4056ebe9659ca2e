import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../runtime/errors.ts';

export interface DownloadOptions {
  url: string;
  /** What the file must hash to. */
  digest: { algorithm: 'md5' | 'sha256'; hex: string };
  /** The file to write; it must not exist. It is left as it stands when the download fails: the caller removes it. */
  destination: string;
  onProgress?: (bytes: number, total: number | undefined) => void;
  signal?: AbortSignal;
  /** Give up when nothing has arrived for so long. Default 60. */
  stallSeconds?: number;
}

/** Why a download failed; the message is a clause without a full stop, for the sentence of whoever wanted the file. */
export class DownloadFailed extends UserError {
  readonly reason: 'network' | 'content' | 'disk';

  constructor(reason: DownloadFailed['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const MOST_REDIRECTS = 5;
const DISK_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EEXIST',
  'ENOENT',
  'ENOTDIR',
  'EFBIG',
  'EIO',
]);

export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && DISK_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Downloads a file and checks its length and hash.
 *
 * @throws DownloadFailed; or the signal's reason when it was stopped.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, digest, destination, onProgress, signal, stallSeconds = 60 } = options;
  signal?.throwIfAborted();
  const hash = createHash(digest.algorithm);
  let bytes = 0;
  let total: number | undefined;
  try {
    const response = await request(url, stallSeconds * 1000, signal);
    const length = response.headers['content-length'];
    total = length === undefined ? undefined : Number(length);
    await pipeline(
      response,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          onProgress?.(bytes, total);
          yield chunk;
        }
      },
      createWriteStream(destination, { flags: 'wx' }),
      { signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DownloadFailed) throw error;
    const cause = error as NodeJS.ErrnoException;
    if (isDiskError(cause)) throw new DownloadFailed('disk', `it could not be written: ${cause.message}`, { cause });
    const progress =
      bytes > 0 ? `the connection broke after ${bytes} of ${total ?? 'an unknown number of'} bytes: ` : '';
    throw new DownloadFailed('network', `${progress}${describe(cause)}${proxyNote()}`, { cause });
  }
  if (total !== undefined && bytes !== total) {
    throw new DownloadFailed('network', `${bytes} bytes arrived, expected ${total}`);
  }
  const found = hash.digest('hex');
  if (found !== digest.hex) {
    throw new DownloadFailed('content', `what arrived has the ${digest.algorithm} ${found}, expected ${digest.hex}`);
  }
}

// Not fetch(): it would undo a `Content-Encoding: x-gzip` that some servers put on .tar.gz files, and the hash is of the file as it lies there.
async function request(url: string, stallMs: number, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  let address = new URL(url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const get = address.protocol === 'https:' ? httpsGet : httpGet;
      // An agent of its own: the shared one has a timeout of its own too, and keeps connections that nobody needs again.
      const sent = get(address, { agent: false, signal, timeout: stallMs, headers: { 'user-agent': 'wgrad' } });
      let answer: IncomingMessage | undefined;
      sent.on('response', (response) => {
        answer = response;
        resolve(response);
      });
      sent.on('timeout', () => (answer ?? sent).destroy(new Error(`nothing arrived for ${stallMs / 1000} s`)));
      sent.on('error', reject);
    });
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    response.destroy();
    const { location } = response.headers;
    if (status < 300 || status >= 400 || !location) {
      throw new DownloadFailed('network', `the server answered ${status} ${response.statusMessage ?? ''}`.trimEnd());
    }
    const next = URL.canParse(location, address.href) ? new URL(location, address) : undefined;
    if (next?.protocol !== 'https:' && next?.protocol !== 'http:') {
      throw new DownloadFailed(
        'network',
        `the server redirected to ${JSON.stringify(location)}, which is no web address`,
      );
    }
    address = next;
  }
  throw new DownloadFailed('network', `the server redirected more than ${MOST_REDIRECTS} times`);
}

/** Says that a proxy is not asked, where one is named: behind it, this is why nothing is reached. */
function proxyNote(): string {
  const named = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
  const variable = named.find((name) => process.env[name]);
  return variable === undefined ? '' : `; the proxy of ${variable} is not asked`;
}

/** Node's connection errors may carry their text in the parts of an AggregateError (one per address tried). */
function describe(error: Error): string {
  if (error.message) return error.message;
  if (error instanceof AggregateError) return error.errors.map((part: Error) => part.message).join('; ');
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
