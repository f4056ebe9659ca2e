import { type Trace, traceOf } from '../runtime/trace.ts';
import type { DispatchRecord, StepRecord } from './step_record.ts';

/** Rows of the trace above the dispatches'. */
const PHASES = { pid: 1, tid: 2 };
const LAYERS = { pid: 1, tid: 3 };

/** Neighbouring dispatches with the same key, as events; those without one are left out. */
function runs(dispatches: readonly DispatchRecord[], keyOf: (dispatch: DispatchRecord) => string | undefined) {
  const found: { name: string; from: number; to: number }[] = [];
  let open: string | undefined;
  for (const dispatch of dispatches) {
    const name = keyOf(dispatch);
    const to = dispatch.start + dispatch.ms;
    const last = found.at(-1);
    if (name !== undefined && name === open && last) last.to = to;
    else if (name !== undefined) found.push({ name, from: dispatch.start, to });
    open = name;
  }
  return found;
}

/** A step as a trace for Perfetto (ui.perfetto.dev) or chrome://tracing: phases, layers within each other, and dispatches, each a row. */
export function stepTrace({ adapter, dispatches }: StepRecord): Trace {
  const trace = traceOf(
    dispatches.map(({ ms, ...dispatch }) => ({ ...dispatch, duration: ms })),
    adapter,
  );
  for (const [row, name] of [
    [PHASES, 'phases'],
    [LAYERS, 'layers'],
  ] as const) {
    trace.traceEvents.push({ name: 'thread_name', ph: 'M', ...row, args: { name } });
  }
  const add = (row: typeof PHASES, events: ReturnType<typeof runs>) => {
    for (const { name, from, to } of events) {
      trace.traceEvents.push({ name, ph: 'X', ...row, ts: from * 1000, dur: (to - from) * 1000, args: {} });
    }
  };
  add(
    PHASES,
    runs(dispatches, ({ phase }) => phase),
  );
  const depth = Math.max(...dispatches.map(({ module }) => module.split('.').length));
  // Outer before inner: what lies within another in time is drawn under it.
  for (let level = 1; level <= depth; level++) {
    const nameOf = ({ module, phase }: DispatchRecord) => {
      const parts = module.split('.');
      if (module === '' || parts.length < level) return undefined;
      return `${parts.slice(0, level).join('.')}${phase === 'backward' ? ' ←' : ''}`;
    };
    add(LAYERS, runs(dispatches, nameOf));
  }
  return trace;
}
