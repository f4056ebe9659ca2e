import { SERIES_COLOURS } from '../../src/lab/plots/style.ts';
import { html } from '../../src/view/dom.ts';
import { percent } from '../../src/view/format.ts';
import type { Seen } from '../protocol.ts';
import type { LivePage } from './live_page.ts';
import { mapPicture, picture, underMap } from './picture.ts';
import { fittedPixels } from './pixels.ts';

const PAD = 224;
/** Milliseconds between two looks at the same image while training goes on. */
const AGAIN = 1500;

/** A pad to draw on, and what the runs say of what is on it. */
export class SeenView {
  readonly element: HTMLElement;
  readonly #page: LivePage;
  readonly #pad = html('canvas', {
    id: 'pad',
    class: 'pad',
    width: PAD,
    height: PAD,
    tabindex: 0,
    role: 'img',
    'aria-label': 'Pad to draw a digit on, with the mouse or a finger',
  });
  readonly #shown = html('div', { class: 'seen', id: 'verdict', 'aria-live': 'off' });
  #pixels: Uint8Array | undefined;
  #busy = false;
  #again = false;
  #lookedAt = 0;
  #step = -1;

  constructor(page: LivePage) {
    this.#page = page;
    const clear = html('button', { type: 'button', onclick: () => this.clear() }, 'Clear');
    const file = html('input', {
      type: 'file',
      accept: 'image/*',
      id: 'picture',
      'aria-label': 'A picture to look at',
    });
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? [];
      if (chosen) void page.attempt(() => this.lookAtFile(chosen));
    });
    const next = html(
      'button',
      { type: 'button', id: 'held-out-image', onclick: () => void page.attempt(() => this.#heldOut()) },
      'A held-out image',
    );
    this.element = html(
      'div',
      { class: 'seen' },
      html('div', {}, this.#pad, html('p', {}, clear, ' ', next), file),
      this.#shown,
    );
    this.#draws();
  }

  #draws(): void {
    const context = this.#pad.getContext('2d') as CanvasRenderingContext2D;
    context.lineWidth = 18;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = '#fff';
    let drawing = false;
    const at = (event: PointerEvent): [number, number] => {
      const box = this.#pad.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * PAD, ((event.clientY - box.top) / box.height) * PAD];
    };
    this.#pad.addEventListener('pointerdown', (event) => {
      drawing = true;
      this.#pad.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(...at(event));
      context.lineTo(...at(event));
      context.stroke();
    });
    this.#pad.addEventListener('pointermove', (event) => {
      if (!drawing) return;
      context.lineTo(...at(event));
      context.stroke();
      void this.#lookAtPad();
    });
    const end = () => {
      if (drawing) void this.#lookAtPad();
      drawing = false;
    };
    this.#pad.addEventListener('pointerup', end);
    this.#pad.addEventListener('pointercancel', end);
  }

  #fill(): void {
    const context = this.#pad.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = '#000';
    context.fillRect(0, 0, PAD, PAD);
  }

  clear(): void {
    this.#fill();
    this.#pixels = undefined;
    this.#shown.replaceChildren();
  }

  /** Another set-up: nothing was looked at. */
  reset(): void {
    this.#step = -1;
    if (this.#pixels && this.#pixels.length !== this.#size) this.clear();
    else if (this.#pixels === undefined) this.#fill();
  }

  get #size(): number {
    return (this.#page.ready?.imageShape ?? [0, 0, 0]).reduce((a, b) => a * b, 1);
  }

  async #lookAtPad(): Promise<void> {
    const { ready } = this.#page;
    if (ready) await this.look(fittedPixels(this.#pad, ready), false);
  }

  /** A picture of the user's. */
  async lookAtFile(file: File): Promise<void> {
    const { ready } = this.#page;
    if (ready === undefined) return;
    const image = await createImageBitmap(file).catch(() => {
      throw new Error(`${file.name} is no picture that this browser can read.`);
    });
    await this.look(fittedPixels(image, ready), true);
  }

  async #heldOut(): Promise<void> {
    const { ready, engine } = this.#page;
    if (ready === undefined) return;
    const { pixels } = await engine.ask('heldOut', Math.floor(Math.random() * ready.held));
    await this.look(pixels, true);
  }

  /** Looks again, at most now and then, as the networks have learned on. */
  async refresh(step: number): Promise<void> {
    if (this.#pixels === undefined || step === this.#step || performance.now() - this.#lookedAt < AGAIN) return;
    await this.look(this.#pixels, false);
  }

  /** Shows what the runs say of an image, [H, W, C] bytes. onPad: whether it is to be seen on the pad as well. */
  async look(pixels: Uint8Array, onPad: boolean): Promise<void> {
    const { ready, engine } = this.#page;
    if (ready === undefined) return;
    this.#pixels = pixels;
    if (onPad) {
      const context = this.#pad.getContext('2d') as CanvasRenderingContext2D;
      context.imageSmoothingEnabled = false;
      context.drawImage(picture(pixels, ready.imageShape, PAD), 0, 0, PAD, PAD);
    }
    // While one look is under way only the newest waits.
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#again = false;
        const now: Uint8Array | undefined = this.#pixels;
        if (now === undefined) break;
        const seen = await engine.ask('look', { pixels: now });
        this.#step = this.#page.progress?.step ?? 0;
        this.#lookedAt = performance.now();
        if (now === this.#pixels || this.#again) this.#show(now, seen);
      } while (this.#again);
    } catch (error) {
      this.#page.say((error as Error).message);
    } finally {
      this.#busy = false;
    }
  }

  #show(pixels: Uint8Array, seen: Seen[]): void {
    const { ready, names } = this.#page;
    if (ready === undefined) return;
    this.#shown.replaceChildren(
      ...seen.map(({ probabilities, cam, features }, i) => {
        const best = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, 5);
        const says = html(
          'p',
          { 'data-says': best[0], 'data-run': i },
          html('strong', {}, `${ready.classNames[best[0]]}`),
          `, says ${names[i]}`,
        );
        const bars = best.flatMap((c) => [
          html('span', {}, ready.classNames[c]),
          html(
            'div',
            { class: 'bar' },
            html('span', { style: `width:${100 * probabilities[c]}%;background:${SERIES_COLOURS[i]}` }),
            html('em', {}, percent(probabilities[c])),
          ),
        ]);
        const maps = features.map(({ layer, height, width, values }) =>
          html(
            'div',
            {},
            html('p', { class: 'hint' }, layer),
            html(
              'div',
              { class: 'maps' },
              ...Array.from({ length: values.length / (height * width) }, (_, m) =>
                mapPicture(values.subarray(m * height * width, (m + 1) * height * width), height, width, 44),
              ),
            ),
          ),
        );
        return html(
          'div',
          { class: 'verdicts' },
          says,
          html('div', { class: 'bars' }, ...bars),
          ...(cam
            ? [
                html(
                  'figure',
                  {},
                  underMap(pixels, ready.imageShape, cam, 120),
                  html('figcaption', {}, 'Grad-CAM: red speaks for it'),
                ),
              ]
            : []),
          html('details', {}, html('summary', {}, 'Feature maps: what its layers make of it'), ...maps),
        );
      }),
    );
  }
}
