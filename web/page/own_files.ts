import { html } from '../../src/view/dom.ts';
import { droppedFiles } from './dropped_files.ts';
import type { LivePage } from './live_page.ts';
import { readImages } from './read_images.ts';

/** Weights to save and load, and images to drop. */
export class OwnFiles {
  readonly element: HTMLElement;
  readonly #page: LivePage;
  readonly #weights = html('div', {});
  readonly #note = html('p', { class: 'hint', role: 'status' });

  constructor(page: LivePage) {
    this.#page = page;
    const folder = html('input', {
      type: 'file',
      id: 'folder',
      multiple: true,
      webkitdirectory: true,
      'aria-label': 'A folder of images',
    });
    folder.addEventListener('change', () => void this.#take([...(folder.files ?? [])]));
    const files = html('input', {
      type: 'file',
      id: 'files',
      multiple: true,
      accept: '.bin',
      'aria-label': 'CIFAR-10 binary files',
    });
    files.addEventListener('change', () => void this.#take([...(files.files ?? [])]));
    this.element = html(
      'div',
      {},
      html('h3', {}, 'Images'),
      html(
        'p',
        {},
        'Drop a folder anywhere on this page: one folder of pictures for each class, or the binary files of CIFAR-10. They are read here and go nowhere.',
      ),
      html(
        'div',
        { class: 'beside' },
        html('label', {}, 'A folder with a folder of pictures for each class ', folder),
        html('label', {}, 'CIFAR-10 binary files (data_batch_1.bin …, test_batch.bin) ', files),
      ),
      this.#note,
      html('h3', {}, 'Weights'),
      html(
        'p',
        {},
        'As a safetensors file, which PyTorch reads, and wgrad under Node: npx wgrad evaluate --weights FILE.',
      ),
      this.#weights,
    );
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      document.body.classList.add('dropping');
    });
    document.addEventListener('dragleave', () => document.body.classList.remove('dropping'));
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      document.body.classList.remove('dropping');
      if (event.dataTransfer) void droppedFiles(event.dataTransfer).then((found) => this.#take(found));
    });
  }

  /** One picture is looked at; a folder or CIFAR's files become the data; weights are loaded. */
  async #take(files: File[]): Promise<void> {
    const page = this.#page;
    await page.attempt(async () => {
      const [first] = files;
      if (first === undefined) return;
      if (files.length === 1 && first.name.endsWith('.safetensors')) return this.#load(0, first);
      if (files.length === 1 && first.type.startsWith('image/')) return page.lookAtFile(first);
      const given = await readImages(files, (text) => {
        this.#note.textContent = text;
      });
      await page.engine.ask('give', given);
      this.#note.textContent = `${given.labels.length} images in ${given.classNames.length} classes: ${given.name}.`;
      await page.take({ ...page.setUp, data: given.name });
    });
  }

  async #load(run: number, file: File): Promise<void> {
    await this.#page.engine.ask('load', { run, file: new Uint8Array(await file.arrayBuffer()) });
    this.#note.textContent = `The weights of ${file.name} are in run ${run + 1}.`;
  }

  /** The buttons, one pair for each run. */
  show(): void {
    const page = this.#page;
    this.#weights.replaceChildren(
      ...page.names.map((name, run) => {
        const load = html('input', {
          type: 'file',
          accept: '.safetensors',
          id: `load${run + 1}`,
          'aria-label': `Weights to load into ${name}`,
        });
        load.addEventListener('change', () => {
          const [file] = load.files ?? [];
          if (file) void page.attempt(() => this.#load(run, file));
        });
        const save = html(
          'button',
          { type: 'button', id: `save${run + 1}`, onclick: () => void page.attempt(() => this.#save(run, name)) },
          `Save the weights of ${name}`,
        );
        return html(
          'div',
          { class: 'beside' },
          html('p', {}, save),
          html('label', {}, `Load weights into ${name} `, load),
        );
      }),
    );
  }

  async #save(run: number, name: string): Promise<void> {
    const bytes = await this.#page.engine.ask('save', { run });
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    const step = this.#page.losses[run]?.length ?? 0;
    html('a', {
      href: url,
      download: `${this.#page.setUp.model}-${name.replace(/[^a-z0-9-]+/g, '-')}-step-${step}.safetensors`,
    }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
