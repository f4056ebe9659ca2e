import { html } from '../dom.ts';
import { milliseconds, shapeText } from '../format.ts';
import { type StepView, totalsOf } from './step_view.ts';

/** A step told one node of the tape at a time: forward through all, back through those that hand a gradient on, then the update. */
export class TapeWalk {
  readonly element: HTMLElement;
  readonly #view: StepView;
  readonly #show: (node: number) => void;
  readonly #stops: { node: number; way: 'forward' | 'backward' }[];
  readonly #said = html('p', { role: 'status' }, 'Goes through the step in the order in which it was done.');
  readonly #next = html('button', { type: 'button', id: 'next-node', onclick: () => this.next() }, 'Next node');
  readonly #last = html('button', { type: 'button', disabled: true, onclick: () => this.back() }, 'Node before');
  #at = -1;

  /** show: shows a node in the graph and what is known of it. */
  constructor(view: StepView, show: (node: number) => void) {
    this.#view = view;
    this.#show = show;
    const nodes = [...view.step.record.nodes.keys()];
    const learning = nodes.filter((node) => view.dispatchesOf(node).backward.length > 0);
    this.#stops = [
      ...nodes.map((node) => ({ node, way: 'forward' as const })),
      ...learning.reverse().map((node) => ({ node, way: 'backward' as const })),
    ];
    this.element = html('div', {}, this.#last, this.#next, this.#said);
  }

  /** Whether all nodes were shown. */
  get ended(): boolean {
    return this.#at >= this.#stops.length;
  }

  next(): void {
    this.#go(Math.min(this.#at + 1, this.#stops.length));
  }

  back(): void {
    this.#go(Math.max(this.#at - 1, 0));
  }

  #go(at: number): void {
    this.#at = at;
    this.#last.disabled = at <= 0;
    this.#next.disabled = this.ended;
    if (this.ended) {
      this.#said.textContent = 'The optimizer changes the parameters by their gradients: see «The update» below.';
      return;
    }
    const { node, way } = this.#stops[at];
    this.#show(node);
    const { operation, module, shape } = this.#view.node(node);
    const { dispatches, ms } = totalsOf(this.#view.dispatchesOf(node)[way]);
    const does = way === 'forward' ? `gives ${shapeText(shape)}` : `takes the gradient of ${shapeText(shape)} back`;
    this.#said.textContent = `${at + 1} of ${this.#stops.length}, ${way}: ${operation}${module ? ` in ${module}` : ''} ${does}; ${milliseconds(ms)} in ${dispatches} ${dispatches === 1 ? 'dispatch' : 'dispatches'}.`;
  }
}
