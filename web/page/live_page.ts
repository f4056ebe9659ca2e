import { html } from '../../src/view/dom.ts';
import type { Look, Opened, Progress, Ready, Report, SetUp } from '../protocol.ts';
import { CheckView } from './check_view.ts';
import { controls } from './controls.ts';
import { CurvePlot, smoothed } from './curves.ts';
import { Engine, heldDigits } from './engine.ts';
import { insideView } from './inside_view.ts';
import { mistakesView } from './mistakes_view.ts';
import { noAdapterSentence } from './no_adapter.ts';
import { OwnFiles } from './own_files.ts';
import { confusionView, recallView } from './recall_view.ts';
import { RunBar } from './run_bar.ts';
import { SeenView } from './seen_view.ts';
import { FIRST_ON_SOFTWARE, readSetUp, writeSetUp } from './set_up.ts';
import { SlowStep } from './slow_step.ts';

const byId = (id: string) => document.getElementById(id) as HTMLElement;

/** Waits until a set-up has stood for so long before it is taken: a slider moves through many. */
const SETTLE = 350;

/** Milliseconds between parts that are drawn one after the other. */
const PART_EVERY = 30;

/** The page: what was told by the engine, and the parts that show it. */
export class LivePage {
  setUp: SetUp = readSetUp(location.search);
  /** Of each run, by step. */
  losses: number[][] = [];
  accuracies: number[][] = [];
  /** Of each run: what was seen of the images held out, by step. */
  held: NonNullable<Look['held']>[][] = [];
  progress: Progress | undefined;
  ready: Ready | undefined;
  readonly engine = new Engine((report) => this.#hear(report));
  readonly #lossPlot = new CurvePlot('Loss');
  readonly #accuracyPlot = new CurvePlot('Accuracy', [0, 1]);
  readonly #bar = new RunBar(this);
  readonly #seen = new SeenView(this);
  readonly #slow = new SlowStep(this);
  readonly #own = new OwnFiles(this);
  readonly #check = new CheckView(this);
  readonly #looks: Look[] = [];
  #settling: ReturnType<typeof setTimeout> | undefined;
  #painting = false;
  /** Whether a look has come since what it fills was drawn. */
  #lookedAnew = true;

  /** Names of the runs. */
  get names(): string[] {
    return this.setUp.runs.map(({ loss, sampler }) => (sampler === 'none' ? loss : `${loss}, ${sampler}`));
  }

  async start(): Promise<void> {
    byId('run-bar').replaceChildren(this.#bar.element);
    byId('curves').replaceChildren(this.#lossPlot.element, this.#accuracyPlot.element);
    byId('seen').replaceChildren(this.#seen.element);
    byId('slow').replaceChildren(this.#slow.element);
    byId('own').replaceChildren(this.#own.element);
    byId('check').replaceChildren(this.#check.element);
    this.#offerDesk();
    if (this.setUp.data !== 'mnist') {
      this.say(
        `The images ${this.setUp.data} of this link are not here; drop them on the page. Until then it is the digits.`,
      );
      this.setUp.data = 'mnist';
    }
    this.#showControls();
    try {
      const { software } = await this.open();
      // A link says what is to be trained; a visitor gets what the machine can do.
      if (software && location.search === '') this.setUp = FIRST_ON_SOFTWARE;
      await this.take(this.setUp);
    } catch (error) {
      this.say(noAdapterSentence(error as Error));
      document.documentElement.dataset.state = 'failed';
      return;
    }
    await this.engine.ask('train');
  }

  /** The desk is loaded and opened when it is asked for. */
  #offerDesk(): void {
    const open = html('button', { type: 'button' }, 'Open the desk');
    open.addEventListener('click', () =>
      this.attempt(async () => {
        const { Desk } = await import('../desk/desk.ts');
        const desk = new Desk((name, ...what) => this.engine.ask(name, ...what));
        byId('desk').replaceChildren(desk.element);
        await desk.refresh();
      }),
    );
    byId('desk').replaceChildren(open);
  }

  async open(): Promise<Opened> {
    const digits = await heldDigits();
    const opened = await this.engine.ask('open', { digits });
    const { adapter, software } = opened;
    byId('adapter').textContent = software
      ? `It runs on ${adapter}, which computes on the processor: slow, but the same numbers.`
      : `It runs on ${adapter}.`;
    return opened;
  }

  /** Takes a set-up: both runs begin anew. Training goes on where it was going on. */
  async take(setUp: SetUp): Promise<void> {
    this.setUp = setUp;
    history.replaceState(null, '', `${location.pathname}${writeSetUp(setUp)}${location.hash}`);
    const training = this.progress?.training ?? false;
    this.ready = await this.engine.ask('setUp', setUp);
    this.losses = setUp.runs.map(() => []);
    this.accuracies = setUp.runs.map(() => []);
    this.held = setUp.runs.map(() => []);
    this.#looks.length = 0;
    this.#lookedAnew = true;
    this.progress = undefined;
    this.#showControls();
    this.#seen.reset();
    this.#own.show();
    this.#paint();
    document.documentElement.dataset.state = 'ready';
    if (training) await this.engine.ask('train');
  }

  /** Goes one node on in the step in slow motion. */
  oneNode(): Promise<void> {
    return this.#slow.oneNode();
  }

  /** Shows what the runs say of a picture of the user's. */
  async lookAtFile(file: File): Promise<void> {
    await this.#seen.lookAtFile(file);
    byId('seen').scrollIntoView({ block: 'nearest' });
  }

  /** A control was moved. */
  changed(setUp: SetUp): void {
    this.setUp = setUp;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.attempt(() => this.take(setUp)), SETTLE);
  }

  /** Does something that may fail, and says so. */
  async attempt<R>(work: () => Promise<R>): Promise<R | undefined> {
    this.say('');
    try {
      return await work();
    } catch (error) {
      this.say((error as Error).message);
      return undefined;
    }
  }

  /** A sentence where everyone sees it; none clears it. */
  say(sentence: string, ...more: Node[]): void {
    const place = byId('trouble');
    place.hidden = sentence === '';
    place.replaceChildren(sentence, ...more);
  }

  #showControls(): void {
    const { id } = document.activeElement ?? {};
    byId('controls').replaceChildren(...controls(this.setUp, this.ready, (change) => this.changed(change(this.setUp))));
    // The keyboard stays where it was.
    if (id) document.getElementById(id)?.focus();
  }

  #hear(report: Report): void {
    if (report.kind === 'trouble') this.#trouble(report);
    else if (report.kind === 'checking') this.#check.tell(report);
    else if (report.kind === 'progress') {
      const { progress } = report;
      this.progress = progress;
      for (const [i, { from, losses, accuracies }] of progress.runs.entries()) {
        if (this.losses[i] === undefined) continue;
        this.losses[i].length = from;
        this.accuracies[i].length = from;
        this.losses[i].push(...losses);
        this.accuracies[i].push(...accuracies);
        this.held[i] = this.held[i].filter(({ step }) => step <= progress.step);
      }
    } else {
      const { look } = report;
      this.#looks[look.run] = look;
      this.#lookedAnew = true;
      const held = this.held[look.run];
      if (look.held && held) {
        this.held[look.run] = [...held.filter(({ step }) => step < look.step), look.held];
      }
    }
    this.#paintSoon();
  }

  #trouble({ sentence, lost }: Extract<Report, { kind: 'trouble' }>): void {
    const again = html(
      'button',
      { type: 'button', onclick: () => void this.attempt(() => this.recover()) },
      'Open it again and go on',
    );
    this.say(`${sentence} `, ...(lost ? [again] : []));
  }

  /** Opens the device again after it was lost, and trains to where it was. */
  async recover(): Promise<void> {
    const steps = this.losses[0]?.length ?? 0;
    await this.open();
    await this.take(this.setUp);
    await this.engine.ask('steps', steps);
    this.say('');
  }

  /** At most once a frame. */
  #paintSoon(): void {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const { names, ready } = this;
    if (ready === undefined) return;
    document.documentElement.dataset.step = String(this.losses[0]?.length ?? 0);
    const marker = this.#bar.marker;
    const curves = (trained: readonly number[][], figure: 'loss' | 'accuracy') =>
      names.flatMap((name, i) => [
        { name: `${name}, training`, colour: i, points: smoothed(trained[i] ?? []) },
        {
          ...{ name: `${name}, held out`, colour: i, dashed: true },
          points: (this.held[i] ?? []).map((held) => [held.step, held[figure]] as const),
        },
      ]);
    this.#lossPlot.show(curves(this.losses, 'loss'), marker);
    this.#accuracyPlot.show(curves(this.accuracies, 'accuracy'), marker);
    this.#bar.show();
    if (this.#looks.some(Boolean)) void this.#seen.refresh(this.progress?.step ?? 0);
    if (!this.#lookedAnew) return;
    this.#lookedAnew = false;
    const last = this.held.map((all) => all.at(-1));
    const parts = [
      () => byId('recall').replaceChildren(recallView(ready, names, last)),
      () => {
        const open = [...byId('confusion').querySelectorAll('details')].map((one) => one.open);
        byId('confusion').replaceChildren(...confusionView(ready, names, last));
        for (const [i, one] of byId('confusion').querySelectorAll('details').entries()) one.open = open[i] ?? one.open;
      },
      () =>
        byId('mistakes').replaceChildren(
          ...mistakesView(ready, names, this.#looks, (pixels) => void this.#seen.look(pixels, true)),
        ),
      () => byId('inside').replaceChildren(...insideView(names, this.#looks)),
    ];
    // Each a task of its own: the page answers between them.
    for (const [i, part] of parts.entries()) setTimeout(() => this.ready === ready && part(), i * PART_EVERY);
  }
}
