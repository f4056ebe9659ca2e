import type { ProfiledDispatch } from './profiler.ts';

/** A file that Perfetto (ui.perfetto.dev) and Chrome (chrome://tracing) open: the trace event format of Chromium, as JSON. */
export interface Trace {
  displayTimeUnit: 'ms';
  traceEvents: TraceEvent[];
}

interface TraceEvent {
  name: string;
  /** 'X': something that lasts; 'M': the name of a process or thread. */
  ph: 'X' | 'M';
  pid: number;
  tid: number;
  cat?: string;
  /** Begin and duration in microseconds. */
  ts?: number;
  dur?: number;
  args: Record<string, unknown>;
}

/** Dispatches as a trace with one row, the device's queue. device: its name in the trace. */
export function traceOf(dispatches: readonly ProfiledDispatch[], device: string): Trace {
  const row = { pid: 1, tid: 1 };
  const traceEvents: TraceEvent[] = [
    { name: 'process_name', ph: 'M', ...row, args: { name: device } },
    { name: 'thread_name', ph: 'M', ...row, args: { name: 'queue' } },
  ];
  for (const { kernel, operation, flops, bytes, workgroups, start, duration } of dispatches) {
    traceEvents.push({
      ...{ name: kernel, cat: operation, ph: 'X', ...row },
      ...{ ts: start * 1000, dur: duration * 1000 },
      args: { operation, workgroups: workgroups.join(' × '), bytes, ...(flops === undefined ? {} : { flops }) },
    });
  }
  return { displayTimeUnit: 'ms', traceEvents };
}
