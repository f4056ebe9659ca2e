import { SingleBar } from 'cli-progress';
import { type DatasetName, type ImageDataset, loadDataset } from './data/dataset.ts';
import { DatasetUnavailable } from './data/dataset_unavailable.ts';

export interface DatasetChoice {
  /** The set asked for; left out, CIFAR-10, or MNIST where that cannot be had. */
  name?: DatasetName;
  dataDir?: string;
  signal?: AbortSignal;
  say: (line: string) => void;
}

/**
 * The dataset for the lab, in the form its networks take: 32×32 with three channels.
 * Where none was asked for and CIFAR-10 is neither at hand nor to be fetched, says so in one line and takes the embedded MNIST.
 * Throws UserError where the set asked for is missing or damaged.
 */
export async function chooseDataset({ name, dataDir, signal, say }: DatasetChoice): Promise<ImageDataset> {
  const options = { dataDir, signal, onProgress: downloadProgress() };
  if (name !== undefined) {
    return loadDataset(name, { ...options, form: { size: 32, channels: 3 } });
  }
  try {
    return await loadDataset('cifar10', options);
  } catch (error) {
    if (!(error instanceof DatasetUnavailable)) throw error;
    say('CIFAR-10 is not at hand and cannot be downloaded here; going on with the embedded MNIST digits.');
    return loadDataset('mnist', { form: { size: 32, channels: 3 } });
  }
}

/** A bar for a download, or on no terminal a line every tenth. */
function downloadProgress(): (bytes: number, total: number | undefined) => void {
  let bar: SingleBar | undefined;
  let lastTenth = -1;
  return (bytes, total) => {
    const megabytes = (value: number) => Math.round(value / 1e6);
    if (!process.stderr.isTTY) {
      const tenth = total ? Math.floor((10 * bytes) / total) : -1;
      if (tenth > lastTenth) console.error(`CIFAR-10: ${megabytes(bytes)} of ${megabytes(total ?? 0)} MB`);
      lastTenth = tenth;
      return;
    }
    if (bar === undefined) {
      bar = new SingleBar({
        format: 'CIFAR-10 {bar} {percentage} %  {value} of {total} MB  {eta_formatted} left',
        barsize: 24,
      });
      bar.start(megabytes(total ?? bytes), 0);
    }
    bar.update(megabytes(bytes));
    if (bytes === total) bar.stop();
  };
}
