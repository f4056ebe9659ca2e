import { html } from '../../src/view/dom.ts';
import { milliseconds, percent, short } from '../../src/view/format.ts';
import type { RequestName, Requests } from '../protocol.ts';
import type { DeskRequests, ExerciseCard, KernelOfStep } from './desk_requests.ts';
import { Editor } from './editor.ts';

/** How the desk asks the engine; rejects with a sentence. */
type Ask = <K extends keyof DeskRequests & RequestName>(
  name: K,
  ...what: Requests[K][0] extends undefined ? [] : [what: Requests[K][0]]
) => Promise<Requests[K][1]>;

/** The kernel desk: a kernel of the step, or an exercise, to edit, to check, and to train on with. */
export class Desk {
  readonly element: HTMLElement;
  readonly #ask: Ask;
  readonly #choice = html('select', { 'aria-label': 'kernel or exercise' });
  readonly #about = html('p', {});
  readonly #answer = html('div', { class: 'answer', 'aria-live': 'polite' });
  readonly #check = html('button', { type: 'button', onclick: () => this.#run(() => this.#checkText()) }, 'Check');
  readonly #take = html(
    'button',
    { type: 'button', disabled: true, onclick: () => this.#run(() => this.#takeText()) },
    'Train on with it',
  );
  readonly #back = html(
    'button',
    { type: 'button', onclick: () => this.#run(() => this.#putBack()) },
    'Back to the original',
  );
  readonly #hint = html('button', { type: 'button', onclick: () => this.#tellHint() }, 'Hint');
  readonly #editor: Editor;
  #kernels: KernelOfStep[] = [];
  #exercises: ExerciseCard[] = [];
  #hints = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
    const text = html('div', { class: 'editor' });
    this.#choice.addEventListener('change', () => this.#run(() => this.#open()));
    this.element = html(
      'div',
      { class: 'desk' },
      html(
        'p',
        {},
        'Change a kernel of the training that runs above, or fill the holes of an exercise. «Check» compiles it and compares it with the engine’s own.',
      ),
      html(
        'div',
        { class: 'row' },
        html('label', {}, 'Kernel ', this.#choice),
        this.#check,
        this.#take,
        this.#back,
        this.#hint,
      ),
      this.#about,
      text,
      this.#answer,
    );
    this.#editor = new Editor(text, () => {
      this.#take.disabled = true;
    });
  }

  /** Asks for the kernels of the step and shows the first. Call when a set-up stands. */
  async refresh(): Promise<void> {
    const before = this.#choice.value;
    this.#kernels = await this.#ask('kernels', { run: 0 });
    this.#exercises = await this.#ask('exercises');
    const kernels = this.#kernels.map(({ shader, share, changed }) =>
      html('option', { value: `kernel ${shader}` }, `${changed ? '✎ ' : ''}${shader}, ${percent(share)} of a step`),
    );
    const exercises = this.#exercises.map(({ name, title }, i) =>
      html('option', { value: `exercise ${name}` }, `${i + 1}. ${title}`),
    );
    this.#choice.replaceChildren(
      html('optgroup', { label: 'Kernels of this training step' }, ...kernels),
      html('optgroup', { label: 'Exercises' }, ...exercises),
    );
    const values = Array.from(this.#choice.options, ({ value }) => value);
    this.#choice.value = values.includes(before) ? before : (values[0] ?? '');
    await this.#open();
  }

  get #chosen(): { kind: string; name: string } {
    const [kind, ...name] = this.#choice.value.split(' ');
    return { kind, name: name.join(' ') };
  }

  get #kernel(): KernelOfStep | undefined {
    return this.#kernels.find(({ shader }) => shader === this.#chosen.name);
  }

  get #exercise(): ExerciseCard | undefined {
    return this.#exercises.find(({ name }) => name === this.#chosen.name);
  }

  async #open(): Promise<void> {
    const { kind, name } = this.#chosen;
    const kernel = kind === 'kernel';
    this.#answer.replaceChildren();
    this.#hints = 0;
    for (const button of [this.#take, this.#back]) button.hidden = !kernel;
    this.#hint.hidden = kernel;
    this.#take.disabled = true;
    if (kernel) {
      const { calls = 0, ms = 0 } = this.#kernel ?? {};
      this.#about.textContent = `Runs ${calls} ${calls === 1 ? 'time' : 'times'} in a step, ${milliseconds(ms)} in all.`;
      this.#editor.text = await this.#ask('kernelText', name);
    } else {
      this.#about.textContent = `It teaches ${this.#exercise?.teaches ?? ''}`;
      this.#editor.text = this.#exercise?.template ?? '';
    }
  }

  async #checkText(): Promise<void> {
    const { kind, name } = this.#chosen;
    this.#say('Checking …');
    this.#editor.mark(undefined);
    const wgsl = this.#editor.text;
    if (kind === 'exercise') {
      const { right, lines, place } = await this.#ask('checkExercise', { name, wgsl });
      if (place) this.#editor.mark({ place, sentence: lines[0] });
      this.#tell(right, lines);
      return;
    }
    const tried = await this.#ask('tryKernel', { run: 0, shader: name, wgsl });
    if ('sentence' in tried) {
      if (tried.place) this.#editor.mark({ place: tried.place, sentence: tried.sentence });
      this.#tell(false, [tried.sentence]);
      return;
    }
    const { right, calls, arrays, originalMs, trialMs } = tried;
    const compared = new Set(arrays.map(({ operation }) => operation));
    const worst = arrays.reduce((most, one) => (one.largestDifference > most.largestDifference ? one : most));
    const bad = arrays.find(({ wrong }) => wrong > 0);
    const lines = right
      ? [
          `Right, in ${Math.min(calls, arrays.length)} of ${calls} calls of this step (${[...compared].join(', ')}): the largest difference to the original is ${short(worst.largestDifference, 2)} of the largest element.`,
        ]
      : [
          `${bad?.binding}[${bad?.firstWrong?.index}] of ${bad?.operation} is wrong: the original has ${short(bad?.firstWrong?.expected ?? 0, 6)}, yours ${short(bad?.firstWrong?.found ?? 0, 6)}.`,
          `${bad?.wrong} of ${bad?.elements} elements are wrong. The original stays at work.`,
        ];
    lines.push(
      `Time on the device, of the same calls: the original ${milliseconds(originalMs)}, yours ${milliseconds(trialMs)}${originalMs > 0 ? `, ${short(trialMs / originalMs, 2)} times as long` : ''}.`,
    );
    this.#take.disabled = !right;
    this.#tell(right, lines);
  }

  async #takeText(): Promise<void> {
    const { name } = this.#chosen;
    await this.#ask('takeKernel', { shader: name, wgsl: this.#editor.text });
    this.#tell(true, [`The training goes on with your ${name}.`]);
    this.#take.disabled = true;
  }

  async #putBack(): Promise<void> {
    const { name } = this.#chosen;
    await this.#ask('takeKernel', { shader: name, wgsl: undefined });
    await this.#open();
    this.#say(`The engine’s own ${name} is at work.`);
  }

  #tellHint(): void {
    const hints = this.#exercise?.hints ?? [];
    const shown = hints[Math.min(this.#hints, hints.length - 1)];
    this.#hints++;
    this.#say(
      shown === undefined
        ? 'There is no hint.'
        : `Hint ${Math.min(this.#hints, hints.length)} of ${hints.length}: ${shown}`,
    );
  }

  #say(sentence: string): void {
    this.#answer.className = 'answer';
    this.#answer.replaceChildren(html('p', {}, sentence));
  }

  #tell(right: boolean, lines: readonly string[]): void {
    this.#answer.className = `answer ${right ? 'right' : 'wrong'}`;
    this.#answer.dataset.right = String(right);
    this.#answer.replaceChildren(...lines.map((line) => html('p', {}, line)));
  }

  /** Runs work with the buttons off; what goes wrong in it is told. */
  async #run(work: () => Promise<void>): Promise<void> {
    this.#check.disabled = true;
    try {
      await work();
    } catch (error) {
      this.#tell(false, [error instanceof Error ? error.message : String(error)]);
    } finally {
      this.#check.disabled = false;
    }
  }
}
