// Downloads a small CIFAR-10 as the lab does: what `faults.ts` kills. Arguments: address, MD5 of the archive, cache folder.
import { downloadCifar } from '../../src/data/sources/cifar_download.ts';
import { SMALL_CIFAR10 } from '../../test/data/sources/synthetic_cifar.ts';

const [url, md5, cache] = process.argv.slice(2);
await downloadCifar({ ...SMALL_CIFAR10, url, md5 }, { cache });
