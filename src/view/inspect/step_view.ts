import type { PageSurroundings } from '../../inspect/page_data.ts';
import type { ShownStep } from '../../inspect/shown_step.ts';
import type { DispatchRecord, NodeRecord } from '../../inspect/step_record.ts';

/** Sums over dispatches. */
export interface Totals {
  dispatches: number;
  ms: number;
  flops: number;
  bytes: number;
}

/** Adds dispatches up. */
export function totalsOf(dispatches: readonly DispatchRecord[]): Totals {
  const totals = { dispatches: dispatches.length, ms: 0, flops: 0, bytes: 0 };
  for (const { ms, flops = 0, bytes } of dispatches) {
    totals.ms += ms;
    totals.flops += flops;
    totals.bytes += bytes;
  }
  return totals;
}

/** A step with what the views ask of it again and again. */
export class StepView {
  readonly step: ShownStep & PageSurroundings;
  /** Sums over the whole step. */
  readonly totals: Totals;
  readonly #byNode = new Map<number, { forward: DispatchRecord[]; backward: DispatchRecord[] }>();
  readonly #modules: string[];

  constructor(step: ShownStep & PageSurroundings) {
    this.step = step;
    const { record } = step;
    this.totals = totalsOf(record.dispatches);
    this.#modules = record.modules.map(({ name }) => name);
    for (const dispatch of record.dispatches) {
      if (dispatch.node === undefined) continue;
      const of = this.dispatchesOf(dispatch.node);
      of[dispatch.phase === 'backward' ? 'backward' : 'forward'].push(dispatch);
      this.#byNode.set(dispatch.node, of);
    }
  }

  /** The dispatches of an operation, forward and backward. */
  dispatchesOf(node: number) {
    return this.#byNode.get(node) ?? { forward: [], backward: [] };
  }

  /** The modules that a module is part of, outermost first, itself last; the network itself left out. */
  pathOf(module: string): string[] {
    const parts = module.split('.');
    const names = parts.map((_, i) => parts.slice(0, i + 1).join('.'));
    return names.filter((name) => name !== '' && this.#modules.includes(name));
  }

  /** The record of a module. */
  moduleOf(name: string) {
    return this.step.record.modules.find((module) => module.name === name);
  }

  /** Which operations lie in a module. */
  nodesIn(module: string): number[] {
    return this.step.record.nodes.flatMap((node, i) => (this.pathOf(node.module).includes(module) ? [i] : []));
  }

  node(index: number): NodeRecord {
    return this.step.record.nodes[index];
  }
}

/** A colour for each phase, of Okabe and Ito's set. */
export const PHASE_COLOURS: Readonly<Record<string, string>> = {
  data: '#888888',
  forward: '#0072b2',
  loss: '#cc79a7',
  metrics: '#999933',
  backward: '#d55e00',
  clip: '#882255',
  optimizer: '#009e73',
};
