import type { DispatchRecord } from '../../inspect/step_record.ts';
import { STEP_PHASES } from '../../train/training_step.ts';
import { html, table } from '../dom.ts';
import { bytes, flops, milliseconds, percent, shapeText, short } from '../format.ts';
import { type StepView, totalsOf } from './step_view.ts';

function rates(dispatches: readonly DispatchRecord[], all: number): string[] {
  const { ms, flops: count, bytes: moved, dispatches: runs } = totalsOf(dispatches);
  return [
    String(runs),
    milliseconds(ms),
    percent(ms / (all || 1)),
    flops(count),
    bytes(moved),
    ms > 0 ? short(count / ms / 1e6, 3) : '–',
    ms > 0 ? short(moved / ms / 1e6, 3) : '–',
  ];
}

const RATE_HEADS = ['dispatches', 'time', 'share', 'FLOP', 'bytes', 'GFLOP/s', 'GB/s'];

/** What each phase took. */
export function phaseTable({ step: { record }, totals }: StepView): HTMLElement {
  const rows = STEP_PHASES.flatMap((phase) => {
    const own = record.dispatches.filter((dispatch) => dispatch.phase === phase);
    return own.length === 0 ? [] : [[phase, ...rates(own, totals.ms)]];
  });
  return table(['phase', ...RATE_HEADS], [...rows, ['the step', ...rates(record.dispatches, totals.ms)]]);
}

/** What each layer with operations of its own took, forward and backward. */
export function layerTable(view: StepView, choose: (node: number) => void): HTMLElement {
  const { record } = view.step;
  const names = [...new Set(record.nodes.map(({ module }) => module))];
  const rows = names.map((name) => {
    const indices = record.nodes.flatMap((node, i) => (node.module === name ? [i] : []));
    const own = indices.map((i) => view.dispatchesOf(i));
    const [ahead, back] = [totalsOf(own.flatMap((o) => o.forward)), totalsOf(own.flatMap((o) => o.backward))];
    const kept = indices.reduce((sum, i) => sum + record.nodes[i].savedBytes, 0);
    const module = view.moduleOf(name);
    const label = name === '' ? 'outside the network: the loss' : name;
    return [
      html('button', { type: 'button', class: 'link', onclick: () => choose(indices[0]) }, label),
      name === '' ? '' : `${module?.type ?? ''} ${module?.details ? `(${module.details})` : ''}`,
      html('span', {}, shapeText(record.nodes[indices[indices.length - 1]].shape)),
      milliseconds(ahead.ms),
      milliseconds(back.ms),
      percent((ahead.ms + back.ms) / (view.totals.ms || 1)),
      flops(ahead.flops + back.flops),
      bytes(kept),
    ];
  });
  return table(['layer', 'what it is', 'output', 'forward', 'backward', 'share', 'FLOP', 'kept for backward'], rows);
}

/** The dispatches of an operation, one a row. */
export function dispatchTable(
  dispatches: readonly DispatchRecord[],
  all: number,
  show: (kernel: string) => void,
): HTMLElement {
  return table(
    ['kernel', 'workgroups', ...RATE_HEADS.slice(1)],
    dispatches.map((dispatch) => [
      html('button', { type: 'button', class: 'link', onclick: () => show(dispatch.kernel) }, dispatch.kernel),
      dispatch.workgroups.join(' × '),
      ...rates([dispatch], all).slice(1),
    ]),
  );
}
