import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../node/atomic_file.ts';
import { DownloadFailed, download, isDiskError } from '../../node/download.ts';
import { cacheFolder, type Environment, hostEnvironment } from '../../node/host_environment.ts';

/** ResNet-18 trained on ImageNet, as torchvision publishes it (ResNet18_Weights.IMAGENET1K_V1); 46,830,571 bytes. */
export const OFFICIAL_RESNET18 = {
  file: 'resnet18-f37072fd.pth',
  url: 'https://download.pytorch.org/models/resnet18-f37072fd.pth',
  sha256: 'f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec',
};

export interface OfficialWeightsOptions {
  environment?: Environment;
  signal?: AbortSignal;
  onProgress?: (bytes: number, total: number | undefined) => void;
  published?: typeof OFFICIAL_RESNET18;
}

/**
 * The published weights: from the user's cache, where they lie there with the right hash, else downloaded into it and checked.
 * Throws DownloadFailed, or the signal's reason.
 */
export async function officialWeights(
  options: OfficialWeightsOptions = {},
): Promise<{ file: string; bytes: Uint8Array }> {
  const { environment = hostEnvironment(), signal, onProgress, published = OFFICIAL_RESNET18 } = options;
  const cache = cacheFolder(environment);
  const file = join(cache, published.file);
  const found = await readFile(file).catch(() => undefined);
  if (found && createHash('sha256').update(found).digest('hex') === published.sha256) return { file, bytes: found };

  let partial: string | undefined;
  try {
    await makeFolders(cache);
    partial = await mkdtemp(join(cache, 'resnet18.partial-'));
    const destination = join(partial, published.file);
    const digest = { algorithm: 'sha256', hex: published.sha256 } as const;
    await download({ url: published.url, digest, destination, signal, onProgress });
    await rename(destination, file);
    return { file, bytes: await readFile(file) };
  } catch (error) {
    if (!isDiskError(error)) throw error;
    throw new DownloadFailed('disk', `it could not be written: ${error.message}`, { cause: error });
  } finally {
    if (partial) await rm(partial, { recursive: true, force: true });
  }
}
