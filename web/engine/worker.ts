// The engine in a worker: the page stays free, whatever a step takes.
import { openDevice } from '../../src/browser.ts';
import type { ImageDataset } from '../../src/data/image_dataset.ts';
import { loadWeights } from '../../src/nn/weights/load_weights.ts';
import { readWeights } from '../../src/nn/weights/read_weights.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import type { Report } from '../protocol.ts';
import { unpackDigits } from './digits.ts';
import { givenDataset } from './given_dataset.ts';
import { lookAt } from './look_at.ts';
import { scope, serve } from './serve.ts';
import { inTurn, Session } from './session.ts';
import { saveWeights } from './weights_file.ts';

/** Milliseconds between two words on how far a check is. */
const CHECK_TOLD_EVERY = 100;

let gpu: Gpu | undefined;
let session: Session | undefined;
const datasets = new Map<string, ImageDataset>();

const tell = (report: Report) => scope.postMessage({ report });

function theSession(): Session {
  if (session === undefined) throw new UserError('There is no set-up yet.');
  return session;
}

async function open(): Promise<Gpu> {
  const opened = await openDevice();
  void opened.device.lost.then(({ reason, message }) => {
    if (gpu !== opened || reason === 'destroyed') return;
    tell({ kind: 'trouble', sentence: `The GPU device was lost (${message || reason}).`, lost: true });
  });
  return opened;
}

/** Of the slow step, the check of the GPU and the kernel desk. */
async function seldomHandlers() {
  const [{ recordPage }, { checkConformance }, { deskHandlers }] = await Promise.all([
    import('./record_page.ts'),
    import('../../src/inspect/conformance/conformance.ts'),
    import('../desk/desk_handlers.ts'),
  ]);
  return {
    record: ({ run, image }: { run: number; image: number }) => {
      const here = theSession();
      return here.lock.run(() => recordPage(here, run, image));
    },
    check: async ({ quick }: { quick: boolean }) => {
      await session?.pause();
      let told = Number.NEGATIVE_INFINITY;
      return checkConformance({
        open: openDevice,
        quick,
        onProgress(share, next) {
          if (performance.now() - told < CHECK_TOLD_EVERY) return;
          told = performance.now();
          tell({ kind: 'checking', share, next });
        },
      });
    },
    ...deskHandlers(theSession),
  };
}

serve(
  {
    async open({ digits }) {
      session?.stop();
      gpu = await open();
      if (!datasets.has('mnist')) datasets.set('mnist', await unpackDigits(digits));
      const { description, device, vendor, architecture, software, subgroupSizes } = gpu.adapter;
      const adapter =
        description || [vendor, architecture, device].filter(Boolean).join(' ') || 'a GPU that does not tell its name';
      return { adapter, software, subgroups: subgroupSizes[1] > 0 };
    },
    give(images) {
      datasets.set(images.name, givenDataset(images));
    },
    async setUp(setUp) {
      await session?.stop();
      if (gpu === undefined) throw new UserError('There is no GPU device.');
      const dataset = datasets.get(setUp.data);
      if (dataset === undefined)
        throw new UserError(`The images ${setUp.data} are not here; drop them on the page again.`);
      session = new Session(gpu, dataset, setUp, tell);
      return session.ready;
    },
    train: () => theSession().train(),
    pause: () => theSession().pause(),
    steps: (count) => theSession().steps(count),
    rewind: (step) => theSession().rewind(step),
    look: ({ pixels }) => {
      const here = theSession();
      return here.lock.run(() => inTurn(here.runs, (run) => lookAt(here, run, pixels)));
    },
    heldOut: (image) => {
      const here = theSession();
      return here.lock.run(async () => {
        const { test } = here.data;
        return { pixels: await here.gpu.scope(() => test.pixels(Uint32Array.of(image))), label: test.labels[image] };
      });
    },
    refresh: () => {
      const here = theSession();
      return here.lock.run(() => here.look());
    },
    save: ({ run }) => {
      const here = theSession();
      return here.lock.run(() => saveWeights(here.runs[run], here.dataset));
    },
    load: ({ run, file }) => {
      const here = theSession();
      return here.lock.run(async () => {
        loadWeights(here.runs[run].task.model, readWeights(file));
        await here.runs[run].changed();
        await here.look();
      });
    },
  },
  seldomHandlers,
);
