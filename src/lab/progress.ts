import { SingleBar } from 'cli-progress';

/** Seconds as a person says them: 48 s, 3 min 20 s, 2 h 05 min. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Seconds between two lines where there is no terminal to redraw. */
const LINE_INTERVAL = 10;

/**
 * Progress of a long piece of work with what is known of it and the time left: one bar that redraws itself on a terminal, a plain line every
 * ten seconds elsewhere. Writes to standard error, so that standard output stays clean.
 */
export class Progress {
  #title: string;
  #total: number;
  #started = performance.now();
  #startedAt: number;
  #lastLine = Number.NEGATIVE_INFINITY;
  #bar: SingleBar | undefined;

  /** startedAt: how much of the total was done before, by an earlier run; it does not count for the speed. */
  constructor(title: string, total: number, startedAt = 0) {
    this.#title = title;
    this.#total = total;
    this.#startedAt = startedAt;
    if (process.stderr.isTTY) {
      this.#bar = new SingleBar({
        format: `${title} {bar} {percentage} %  {detail}  {left} left`,
        barsize: 24,
        hideCursor: true,
        clearOnComplete: false,
        fps: 8,
      });
      this.#bar.start(total, startedAt, { detail: '', left: '?' });
    }
  }

  /** Seconds that the rest will take at the speed so far. */
  #left(done: number): number {
    const seconds = (performance.now() - this.#started) / 1000;
    return (seconds / (done - this.#startedAt)) * (this.#total - done);
  }

  update(done: number, detail: string): void {
    const left = formatDuration(this.#left(done));
    if (this.#bar) {
      this.#bar.update(done, { detail, left });
      return;
    }
    const now = performance.now() / 1000;
    if (now - this.#lastLine < LINE_INTERVAL && done < this.#total) return;
    this.#lastLine = now;
    const percent = Math.floor((100 * done) / this.#total);
    console.error(`${this.#title}: ${percent} %  ${detail}${done < this.#total ? `  ${left} left` : ''}`);
  }

  /** Leaves the bar as it stands. */
  stop(): void {
    this.#bar?.stop();
  }
}
