/** Seconds as a person says them: 48 s, 3 min 20 s, 2 h 05 min. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Time left, which is an estimate: to the minute or a tenth of an hour where it is more than that. */
export function formatLeft(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 59.5) return `${formatDuration(seconds)} left`;
  return seconds < 3570 ? `${Math.round(seconds / 60)} min left` : `${(seconds / 3600).toFixed(1)} h left`;
}

/** Seconds between two lines where there is no terminal to redraw. */
const LINE_INTERVAL = 10;
/** Seconds between two redraws on a terminal. */
const REDRAW_INTERVAL = 0.1;

const LONGEST_BAR = 24;
const SHORTEST_BAR = 6;

/**
 * One line for a terminal: title, bar, details, end. It is shorter than `columns`, so that it never wraps: the bar shrinks first, then details
 * are left out, the last first.
 */
export function progressLine(
  columns: number,
  { title, fraction, details, end }: { title: string; fraction: number; details: readonly string[]; end: string },
): string {
  // The last column makes some terminals wrap, and Ctrl-C adds ^C.
  const room = columns - 3;
  const shown = [...details];
  const text = () => [...shown, end].filter((part) => part !== '').join('  ');
  const barRoom = () => room - title.length - 2 - text().length;
  while (shown.length > 0 && barRoom() < SHORTEST_BAR) shown.pop();
  const cells = Math.min(LONGEST_BAR, barRoom());
  if (cells < SHORTEST_BAR) return `${title} ${text()}`.slice(0, Math.max(0, room));
  const full = Math.floor(cells * Math.min(1, fraction));
  return `${title} ${'█'.repeat(full)}${'░'.repeat(cells - full)} ${text()}`;
}

/** Where progress is written. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

/**
 * Progress of a long piece of work with what is known of it and the time left: one bar that redraws itself on a terminal, a plain line every
 * ten seconds elsewhere. Writes to standard error, so that standard output stays clean.
 */
export class Progress {
  #title: string;
  #total: number;
  #stream: ProgressStream;
  #started = performance.now();
  /** When it was first heard how much is done, and how much that was: until then kernels were compiled, which no later step does. */
  #first: { seconds: number; done: number } | undefined;
  #secondsEach: number | undefined;
  #lastShown = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(title: string, total: number, stream: ProgressStream = process.stderr) {
    this.#title = title;
    this.#total = total;
    this.#stream = stream;
  }

  /** Seconds that each of the total takes, as far as that was timed; undefined before two updates. */
  get secondsEach(): number | undefined {
    return this.#secondsEach;
  }

  /**
   * done: of the total. details: phrases, the most important first, or what gives them; where the terminal is narrow, the last are left out.
   */
  update(done: number, details: readonly string[] | (() => readonly string[])): void {
    const complete = done >= this.#total;
    const now = performance.now() / 1000;
    this.#first ??= { seconds: now, done };
    if (done > this.#first.done) this.#secondsEach = (now - this.#first.seconds) / (done - this.#first.done);
    const terminal = this.#stream.isTTY;
    if (now - this.#lastShown < (terminal ? REDRAW_INTERVAL : LINE_INTERVAL) && !complete) return;
    this.#lastShown = now;
    const seconds = now - this.#started / 1000;
    const each = this.#secondsEach;
    const left = each === undefined ? '' : formatLeft(each * (this.#total - done));
    const end = complete ? `in ${formatDuration(seconds)}` : left;
    const phrases = typeof details === 'function' ? details() : details;
    const percent = `${Math.floor((100 * done) / this.#total)} %`;
    if (!terminal) {
      this.#stream.write(`${this.#title}: ${[percent, ...phrases, end].filter(Boolean).join('  ')}\n`);
      return;
    }
    const line = progressLine(this.#stream.columns || 80, {
      title: this.#title,
      fraction: done / this.#total,
      details: [...phrases, percent],
      end,
    });
    // To the line's beginning, and after the text clear what an earlier one left.
    this.#stream.write(`\r${line}\x1b[K`);
    this.#drawn = true;
  }

  /** Leaves the bar as it stands and goes to the next line. */
  stop(): void {
    if (this.#drawn) this.#stream.write('\n');
    this.#drawn = false;
  }
}
