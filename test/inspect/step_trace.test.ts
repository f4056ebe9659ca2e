import { expect, it } from 'vitest';
import type { DispatchRecord, StepRecord } from '../../src/inspect/step_record.ts';
import { stepTrace } from '../../src/inspect/step_trace.ts';

const dispatch = (module: string, phase: DispatchRecord['phase'], start: number): DispatchRecord => ({
  ...{ kernel: 'relu', operation: 'relu', phase, module, workgroups: [1, 1, 1], flops: 4, bytes: 16, start, ms: 1 },
});

it('has a row for phases, one for layers within each other, and one for dispatches', () => {
  const dispatches = [
    ...[dispatch('a.x', 'forward', 0), dispatch('a.y', 'forward', 2), dispatch('', 'loss', 4)],
    ...[dispatch('a.y', 'backward', 6), dispatch('a.x', 'backward', 8)],
  ];
  const { traceEvents } = stepTrace({ adapter: 'llvmpipe', dispatches } as StepRecord);
  const rows = (tid: number) =>
    traceEvents.flatMap(({ ph, tid: row, name, ts, dur }) => (ph === 'X' && row === tid ? [[name, ts, dur]] : []));
  expect(rows(1)).toHaveLength(5);
  expect(rows(2)).toEqual([
    ...[
      ['forward', 0, 3000],
      ['loss', 4000, 1000],
    ],
    ['backward', 6000, 3000],
  ]);
  expect(rows(3)).toEqual([
    ...[
      ['a', 0, 3000],
      ['a ←', 6000, 3000],
    ],
    ...[
      ['a.x', 0, 1000],
      ['a.y', 2000, 1000],
      ['a.y ←', 6000, 1000],
      ['a.x ←', 8000, 1000],
    ],
  ]);
});
